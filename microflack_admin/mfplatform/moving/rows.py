"""Read the tables of a database as they are, some rows at a time.

Nothing is known of any service here: the database itself says which tables and columns
it has, so what a release adds is read like the rest.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    JSON,
    Column,
    ColumnElement,
    Connection,
    Float,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    and_,
    select,
    tuple_,
)

# Migrations write these.
REVISION_TABLES = {"alembic_version", "schema_revision"}
# How many rows are read at once; of those that may be large, such as files.
ROWS, LARGE_ROWS = 2000, 16
# SQLite takes 999 values in one statement at least.
LISTED_KEYS = 200
LOWEST = -(2**63)

Row = tuple[Any, ...]


class DifferentTables(Exception):
    """Raised when two databases do not have the same tables; its text says which."""


@dataclass(frozen=True)
class Span:
    """Some rows: those whose first key is in a range, or whose keys these are.

    :param after: the range begins after this number.
    :param last: the last number in it; None where it goes on to the end.
    """

    after: int = LOWEST
    last: int | None = None
    keys: frozenset[Row] | None = None


def tables(connection: Connection) -> dict[str, Table]:
    """Return all tables by their names, those first that others refer to."""
    metadata = MetaData()
    metadata.reflect(connection)
    found = [one for one in metadata.sorted_tables if one.name not in REVISION_TABLES]
    for table in found:
        if not table.primary_key.columns:
            raise DifferentTables(
                f"the table {table.name} has no primary key, so its rows cannot be told"
                " from each other"
            )
        for column in table.columns:
            if isinstance(column.type, JSON):
                # As it is written.
                column.type = Text()
            elif isinstance(column.type, Float):
                # MariaDB's would be decimals otherwise, and those of SQLite are not.
                column.type.asdecimal = False
    return {one.name: one for one in found}


def names(table: Table) -> list[str]:
    """Return the columns that are written: the database computes others itself."""
    return sorted(column.name for column in table.columns if column.computed is None)


def spans(table: Table, *connections: Connection) -> Iterator[Span]:
    """Yield all rows of a table in pieces, which are the same for all connections."""
    first = _key(table)[0]
    if not isinstance(first.type, Integer):
        # Texts have another order in each database.
        query = select(*_key(table))
        keys = {tuple(row) for one in connections for row in one.execute(query)}
        ordered = sorted(keys)
        size = min(LISTED_KEYS, _rows_at_once(table))
        for begin in range(0, len(ordered), size):
            yield Span(keys=frozenset(ordered[begin : begin + size]))
        return
    after = LOWEST
    while True:
        full = (_end_of(table, one, after) for one in connections)
        ends = [end for end in full if end is not None]
        yield Span(after, min(ends, default=None))
        if not ends:
            return
        after = min(ends)


def _end_of(table: Table, connection: Connection, after: int) -> int | None:
    """Return the first key of the last row of a full piece; None for the last piece."""
    first = _key(table)[0]
    query = select(first).where(first > after).order_by(first)
    # Several rows may have the same first key: all of them are in one piece.
    last = query.offset(_rows_at_once(table) - 1).limit(1)
    found: int | None = connection.scalar(last)
    return found


def _rows_at_once(table: Table) -> int:
    is_large = any(isinstance(one.type, LargeBinary) for one in table.columns)
    return LARGE_ROWS if is_large else ROWS


def read(connection: Connection, table: Table, span: Span) -> dict[Row, Row]:
    """Return rows by their keys, the values in the order of ``names``."""
    columns = names(table)
    key = [columns.index(column.name) for column in _key(table)]
    query = select(*(table.c[name] for name in columns)).where(_is_in(table, span))
    found: dict[Row, Row] = {}
    for row in connection.execute(query):
        values = tuple(int(v) if isinstance(v, bool) else v for v in row)
        found[tuple(values[place] for place in key)] = values
    if span.keys is None:
        return found
    # What is the same text to a database may be another one here.
    return {one: row for one, row in found.items() if one in span.keys}


def _is_in(table: Table, span: Span) -> ColumnElement[bool]:
    key = _key(table)
    if span.keys is not None:
        return tuple_(*key).in_(list(span.keys))
    is_after = key[0] > span.after
    return is_after if span.last is None else and_(is_after, key[0] <= span.last)


def has_key(table: Table, key: Row) -> ColumnElement[bool]:
    """Return the condition that a row has this key."""
    pairs = zip(_key(table), key, strict=True)
    return and_(*(column == value for column, value in pairs))


def _key(table: Table) -> list[Column[Any]]:
    return list(table.primary_key.columns)
