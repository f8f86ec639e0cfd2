"""Make the tables of one database equal to those of another.

Nothing is remembered between two calls: each compares, and writes what differs. So the
first one copies, later ones catch up with what was written meanwhile, and one that was
interrupted is simply called again. Both databases have been migrated by one release of
the service; only that knows what its tables mean.

Needs SQLAlchemy, which the platform's own tools do not have: it runs in an environment
of the services.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import Connection, Engine, Table, delete, insert
from sqlalchemy.exc import IntegrityError

from mfplatform.moving import rows
from mfplatform.moving.rows import DifferentTables


@dataclass(frozen=True)
class Contents:
    """What a table holds, to compare it by.

    :param rows: how many.
    :param digest: SHA-256 of all of them in the order of their keys, in hexadecimal.
    """

    rows: int
    digest: str


def equalize(source: Engine, target: Engine) -> int:
    """Make the target's tables equal to the source's; return how many rows differed.

    :raises DifferentTables: before anything is written.
    """
    with source.connect() as reader, target.connect() as writer:
        pairs = _pairs(reader, writer)
        return sum(_equalize(reader, writer, *pair) for pair in pairs)


def contents(engine: Engine) -> dict[str, Contents]:
    """Return what each table holds. Nobody may write meanwhile."""
    with engine.connect() as connection:
        found = rows.tables(connection)
        return {name: _contents(connection, one) for name, one in found.items()}


def _contents(connection: Connection, table: Table) -> Contents:
    total, count = hashlib.sha256(), 0
    for span in rows.spans(table, connection):
        found = rows.read(connection, table, span)
        for key in sorted(found):
            total.update(repr(found[key]).encode())
        count += len(found)
    return Contents(count, total.hexdigest())


def _pairs(reader: Connection, writer: Connection) -> list[tuple[Table, Table]]:
    ours, theirs = rows.tables(reader), rows.tables(writer)
    different = [
        name
        for name in sorted(ours.keys() | theirs.keys())
        if name not in ours
        or name not in theirs
        or rows.names(ours[name]) != rows.names(theirs[name])
    ]
    if different:
        raise DifferentTables(
            f"the databases do not have the same tables: {', '.join(different)}. Both "
            "must be of one release of the service"
        )
    return [(ours[name], theirs[name]) for name in ours]


def _equalize(
    reader: Connection, writer: Connection, ours: Table, theirs: Table
) -> int:
    """Make a table equal to ours, and commit; return how many rows differed."""
    with _unchecked(writer):
        try:
            return _write(reader, writer, ours, theirs)
        except IntegrityError:
            # What must be unique has gone from a row to another one, far behind it.
            writer.rollback()
            writer.execute(delete(theirs))
            return _write(reader, writer, ours, theirs)


def _write(reader: Connection, writer: Connection, ours: Table, theirs: Table) -> int:
    names, differed = rows.names(ours), 0
    for span in rows.spans(ours, reader, writer):
        wanted = rows.read(reader, ours, span)
        found = rows.read(writer, theirs, span)
        for key in found:
            if wanted.get(key) != found[key]:
                writer.execute(delete(theirs).where(rows.has_key(theirs, key)))
        new = [key for key in wanted if wanted[key] != found.get(key)]
        if new:
            values = [dict(zip(names, wanted[key], strict=True)) for key in new]
            writer.execute(insert(theirs), values)
        differed += len(new) + len(found.keys() - wanted.keys())
    writer.commit()
    return differed


@contextmanager
def _unchecked(writer: Connection) -> Iterator[None]:
    """Let a row go, and come again, while others refer to it."""
    is_mysql = writer.dialect.name == "mysql"
    if is_mysql:
        writer.exec_driver_sql("SET FOREIGN_KEY_CHECKS = 0")
    try:
        yield
    finally:
        if is_mysql:
            writer.exec_driver_sql("SET FOREIGN_KEY_CHECKS = 1")
