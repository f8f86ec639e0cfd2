"""All databases of a chat as they were at one moment, while people go on.

At one moment, so what one service keeps about what another has always fits together:
whoever wrote a message had an account before that, and the message's room was there.
Whatever was answered before that moment is in it. So services need not be known, nor
read in an order.

MariaDB reads all databases of a server in one transaction whose view is made at once
(its documentation: "START TRANSACTION WITH CONSISTENT SNAPSHOT"). What a transaction
has read nobody can alter to its end, and who waits for that stops all who come after:
so each table is let go when it is read, by going back to a savepoint, which leaves the
view as it is (mariadb-dump --single-transaction does the same). Of SQLite each service
has a file: for the moment in which the views are made nobody may write into any of them
("Isolation In SQLite"; in WAL mode who reads is not stopped, and stops nobody).
"""

import sqlite3
import time
from collections.abc import Collection, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import (
    Connection,
    Engine,
    NullPool,
    String,
    Table,
    column,
    create_engine,
    inspect,
    select,
    table,
)

from mfplatform.moving import rows
from mfplatform.moving.rows import REVISION_TABLES
from mfplatform.state import database
from mfplatform.state.home import Home, PlatformError

BEGIN = "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY"
# Somebody may hold the one file and wait for another: all of them are let go then.
LOCK_SECONDS, PATIENCE_SECONDS = 0.5, 60.0


@dataclass(frozen=True)
class Source:
    """A service's database at that moment.

    :param revision_table: the table in which it says its revision.
    """

    name: str
    connection: Connection
    tables: Mapping[str, Table]
    revision_table: str
    revision: str

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Let tables be altered again, after the block, that are read in it."""
        with _let_go(self.connection):
            yield


@contextmanager
def _let_go(connection: Connection) -> Iterator[None]:
    savepoint = connection.begin_nested()
    yield
    savepoint.rollback()


@contextmanager
def of_server(home: Home, names: Collection[str]) -> Iterator[Iterator[Source]]:
    """Yield what the platform's server has of these services, one after the other."""
    engine = create_engine(root_url(home, ""), poolclass=NullPool)
    with engine.connect() as connection:
        connection.exec_driver_sql(BEGIN)
        there_are = set(connection.exec_driver_sql("SHOW DATABASES").scalars())
        found = [name for name in names if name in there_are]
        yield (one for name in found if (one := _on_server(home, connection, name)))


def root_url(home: Home, name: str) -> str:
    """Return how the platform itself reaches a database, or none (""), as SQLAlchemy
    has it.
    """
    return database.url(home, name, "root", home.secrets["MYSQL_ROOT_PASSWORD"])


def _on_server(home: Home, connection: Connection, name: str) -> Source | None:
    # Tables are described by a connection of their own, which begins in the database.
    own = create_engine(root_url(home, name), poolclass=NullPool)
    with own.connect() as describing:
        connection.exec_driver_sql(f"USE `{name}`")
        with _let_go(connection):
            return _source(name, connection, describing)


@contextmanager
def of_files(files: Mapping[str, Path]) -> Iterator[Iterator[Source]]:
    """Yield what these files of SQLite, by the names of services, have."""
    with ExitStack() as opened:
        connections = {}
        for name, file in files.items():
            connections[name] = opened.enter_context(_sqlite(file).connect())
        with _nobody_writes(files.values()):
            for one in connections.values():
                one.exec_driver_sql("BEGIN")
                # The view is made by the first reading.
                one.exec_driver_sql("SELECT count(*) FROM sqlite_master").scalar()
        found = (_source(name, one, one) for name, one in connections.items())
        yield (one for one in found if one is not None)


def _sqlite(file: Path) -> Engine:
    """Return the engine of a file of SQLite, which begins no transaction by itself."""
    own = {"isolation_level": None, "timeout": PATIENCE_SECONDS}
    return create_engine(f"sqlite:///{file}", connect_args=own, poolclass=NullPool)


@contextmanager
def _nobody_writes(files: Collection[Path]) -> Iterator[None]:
    end = time.monotonic() + PATIENCE_SECONDS
    while True:
        with ExitStack() as held:
            try:
                for file in files:
                    held.enter_context(_locked(file))
            except sqlite3.OperationalError as error:
                if time.monotonic() > end:
                    raise PlatformError(
                        f"somebody has been writing for too long: {error}"
                    ) from error
                continue
            yield
            return


@contextmanager
def _locked(file: Path) -> Iterator[None]:
    connection = sqlite3.connect(file, timeout=LOCK_SECONDS, isolation_level=None)
    try:
        connection.execute("BEGIN IMMEDIATE")
        yield
    finally:
        connection.close()


def _source(name: str, connection: Connection, describing: Connection) -> Source | None:
    """Describe a database; None if nobody has used it yet."""
    there_are = set(inspect(describing).get_table_names())
    if not there_are:
        return None
    found: dict[str, str] = {}
    for one in sorted(REVISION_TABLES & there_are):
        query = select(column("version_num", String)).select_from(table(one))
        if (revision := connection.scalar(query)) is not None:
            found[one] = revision
    if not found:
        raise PlatformError(f"the database of {name} does not say its revision")
    # One of them may be for releases that know no newer one.
    revision_table = max(found, key=lambda one: found[one])
    described = rows.tables(describing)
    return Source(name, connection, described, revision_table, found[revision_table])
