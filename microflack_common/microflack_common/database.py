"""Connect to a service's own database, and migrate it at start.

A release that was built with 0.3 of this wheel or a later one starts on a database that
a newer release has migrated. One that was built with an older wheel stops with "Can't
locate revision", though it serves on if it runs already. Where such old releases must
be able to start, newer ones keep their revision in a table of another name, with
``Migrate(version_table=...)``, and leave ``alembic_version`` as the old ones know it.

Needs the extra ``microflack-common[database]``.
"""

import logging
import select
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import flask_migrate  # type: ignore[import-untyped]
from alembic import context
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask, current_app
from sqlalchemy import Engine, create_engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.pool import Pool

logger = logging.getLogger(__name__)

# Alembic's own name for the table that says which revision the database has.
VERSION_TABLE = "alembic_version"
# One instance waits so long for another that is migrating the same database.
LOCK_TIMEOUT_SECONDS = 60
# As many connections as Gunicorn has threads: none waits for another.
POOL_SIZE = 8


@event.listens_for(Pool, "checkout")
def _refuse_closed(connection: Any, _record: Any, _proxy: Any) -> None:
    """Have a connection that the server has closed replaced by a new one.

    Such a connection has something to read, namely its end. To look costs nothing,
    unlike a ping ("pool_pre_ping"), which takes the way to the server and back.
    """
    sock = getattr(connection, "_sock", None)
    if sock is not None and select.select([sock], [], [], 0)[0]:
        raise DisconnectionError("The server has closed the connection.")


def engine_options(url: str) -> dict[str, Any]:
    """Return SQLALCHEMY_ENGINE_OPTIONS for a database at this SQLAlchemy URL."""
    if make_url(url).get_backend_name() != "mysql":
        return {}
    return {
        "pool_size": POOL_SIZE,
        "max_overflow": POOL_SIZE,
        "pool_timeout": 5,
        "pool_recycle": 1800,
        # Readers see what is committed, and gaps between rows are not locked.
        "isolation_level": "READ COMMITTED",
        "connect_args": {
            "charset": "utf8mb4",
            "connect_timeout": 2,
            "read_timeout": 10,
            "write_timeout": 10,
            # What does not fit is refused, never cut, whatever the server's default;
            # lists of 500 rows fit into one value.
            "init_command": "SET SESSION sql_mode = 'TRADITIONAL', "
            "group_concat_max_len = 1048576",
        },
    }


def autocommit(app: Flask) -> Engine:
    """Return an engine of ``app`` for single statements, which commit by themselves.

    It spares each of them the way to the server and back that a COMMIT or ROLLBACK
    takes. It has connections of its own, made when it is first used.
    """
    engine: Engine | None = app.extensions.get("microflack_autocommit")
    if engine is None:
        main: Engine = app.extensions["sqlalchemy"].engine
        options = engine_options(str(main.url)) | {"isolation_level": "AUTOCOMMIT"}
        engine = create_engine(main.url, skip_autocommit_rollback=True, **options)
        app.extensions["microflack_autocommit"] = engine
    return engine


def answers(app: Flask) -> None:
    """Return if the database of ``app`` answers a query; raise what SQLAlchemy does."""
    engine: Engine = app.extensions["sqlalchemy"].engine
    with engine.connect() as connection:
        connection.execute(text("SELECT 1"))


def upgrade(app: Flask, directory: Path) -> None:
    """Bring the database of ``app`` to the newest migration in ``directory``.

    One that a newer release has migrated is left as it is: older code works on it,
    since a migration takes nothing away that older code uses.
    """
    with app.app_context():
        engine: Engine = app.extensions["sqlalchemy"].engine
        if _is_newer(engine, directory):
            logger.info("A newer release has migrated the database: it stays so.")
        else:
            flask_migrate.upgrade(str(directory))
        # The process that migrates may be forked into the one that serves: the two
        # must not share connections.
        engine.dispose()


def _is_newer(engine: Engine, directory: Path) -> bool:
    scripts = ScriptDirectory(str(directory)).walk_revisions()
    known = {script.revision for script in scripts}
    options = {"version_table": _version_table()}
    with engine.connect() as connection:
        heads = MigrationContext.configure(connection, opts=options).get_current_heads()
    return not known.issuperset(heads)


def _version_table() -> str:
    options: dict[str, Any] = current_app.extensions["migrate"].configure_args
    name: str = options.get("version_table", VERSION_TABLE)
    return name


def run_migrations() -> None:
    """Run the migrations that Alembic asks for: the whole of a service's env.py."""
    database = current_app.extensions["migrate"].db
    engine: Engine = database.engine
    with _one_at_a_time(engine), engine.connect() as connection:
        sqlite = engine.dialect.name == "sqlite"
        if sqlite:
            # All or nothing, and by one process at a time: others wait here.
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        context.configure(
            connection=connection,
            target_metadata=database.metadata,
            version_table=_version_table(),
            # SQLite cannot alter columns; Alembic then copies the table.
            render_as_batch=sqlite,
        )
        with context.begin_transaction():
            context.run_migrations()
        connection.commit()


@contextmanager
def _one_at_a_time(engine: Engine) -> Iterator[None]:
    # Several instances may start at once: a named lock of the server lets one migrate,
    # and the others find nothing left to do. It ends with its connection.
    if engine.dialect.name != "mysql":
        yield
        return
    with engine.connect() as holder:
        name = f"migrate {engine.url.database}"
        query = text("SELECT GET_LOCK(:name, :seconds)")
        if holder.scalar(query, {"name": name, "seconds": LOCK_TIMEOUT_SECONDS}) != 1:
            raise TimeoutError("Another instance has been migrating for too long.")
        try:
            yield
        finally:
            holder.execute(text("SELECT RELEASE_LOCK(:name)"), {"name": name})
