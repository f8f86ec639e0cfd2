"""Fill an empty database of a service with what a backup has of it, and compare.

It is made as the migration left it that it had, so a backup of an older release is
brought up to date like any older database: when the service starts.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import (
    Connection,
    Engine,
    NullPool,
    Table,
    create_engine,
    delete,
    event,
    insert,
)

from mfplatform.backup import schema
from mfplatform.backup.archive import Reader, member
from mfplatform.backup.dump import Stream
from mfplatform.backup.manifest import NoBackup, ServiceData
from mfplatform.backup.rows_stream import batches, decode
from mfplatform.moving import rows
from mfplatform.state.home import PlatformError

MOST_ROWS, MOST_BYTES = 2000, 4 * 1024**2
# A row may have the number 0; what does not fit is refused, and never cut.
MODE = "SET SESSION sql_mode = 'TRADITIONAL,NO_AUTO_VALUE_ON_ZERO'"


def sqlite(file: Path, *, is_kept: bool = True) -> Engine:
    """Return the engine of a new file of SQLite.

    :param is_kept: it is to outlive a power cut.
    """
    engine = create_engine(f"sqlite:///{file}", poolclass=NullPool)
    if not is_kept:
        event.listen(
            engine,
            "connect",
            lambda connection, _record: connection.execute("PRAGMA synchronous = OFF"),
        )
    return engine


def load(reader: Reader, service: str, engine: Engine, migrations: Path) -> None:
    """Make the tables of a service and fill them.

    :param engine: of an empty database.
    :raises NoBackup: it does not fit into them.
    :raises PlatformError: what came is not what the backup has.
    """
    data = reader.manifest.services[service]
    schema.migrate(engine, migrations, data.revision_table, data.revision)
    with engine.connect() as connection:
        found = rows.tables(connection)
        _check_columns(service, data, found)
        with _unchecked(connection):
            # Migrations write rows, too.
            for table in reversed(found.values()):
                connection.execute(delete(table))
            connection.commit()
            for table in found.values():
                _fill(reader, service, connection, table)
        compare(service, data, connection, found)


def _check_columns(service: str, data: ServiceData, found: dict[str, Table]) -> None:
    wanted = {name: one.columns for name, one in data.tables.items()}
    if wanted != {name: rows.names(one) for name, one in found.items()}:
        raise NoBackup(
            f"its tables of {service} are not those that the migrations of {service} "
            f"make up to {data.revision}"
        )


def _fill(reader: Reader, service: str, connection: Connection, table: Table) -> None:
    names = rows.names(table)
    with reader.rows(member(service, table.name)) as stream:
        decoded = decode(stream, len(names))
        for some in batches(decoded, MOST_ROWS, MOST_BYTES):
            values = [dict(zip(names, row, strict=True)) for row in some]
            connection.execute(insert(table), values)
            connection.commit()


def compare(
    service: str, data: ServiceData, connection: Connection, found: dict[str, Table]
) -> None:
    """Return if each table has what the backup has.

    :raises PlatformError: one has not.
    """
    for name, table in found.items():
        total = hashlib.sha256()
        for piece in Stream(connection, table):
            total.update(piece)
        if total.hexdigest() != data.tables[name].sha256:
            raise PlatformError(
                f"the table {name} of {service} is not what the backup has of it"
            )


@contextmanager
def _unchecked(connection: Connection) -> Iterator[None]:
    """Let rows come before those that they refer to, and quickly."""
    if connection.dialect.name == "mysql":
        connection.exec_driver_sql(MODE)
        connection.exec_driver_sql("SET FOREIGN_KEY_CHECKS = 0")
        yield
        connection.exec_driver_sql("SET FOREIGN_KEY_CHECKS = 1")
        return
    yield
