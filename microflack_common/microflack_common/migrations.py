"""Bring a service's own database to its newest revision when the service starts.

A release that was built with 0.3 of this wheel or a later one starts on a database that
a newer release has migrated. One that was built with an older wheel stops with "Can't
locate revision", though it serves on if it runs already. Where such old releases must
be able to start, newer ones keep their revision in a table of another name and leave
``alembic_version`` as the old ones know it.

Flask-Migrate and Alembic take 8 MB of each process that has loaded them, and a service
needs them for a moment. So a process of their own migrates, and where nothing is to be
migrated they are not loaded.

Needs the extra ``microflack-common[database]``.
"""

import logging
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from flask import Flask, current_app
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import (
    Engine,
    String,
    column,
    create_engine,
    inspect,
    select,
    table,
    text,
)

from microflack_common.database import engine_options

logger = logging.getLogger(__name__)

# Alembic's own name for the table that says which revision the database has.
VERSION_TABLE = "alembic_version"
# One instance waits so long for another that is migrating the same database.
LOCK_TIMEOUT_SECONDS = 60
# What a statement of a migration may take, where a table is large.
STATEMENT_TIMEOUT_SECONDS = 3600


def upgrade(
    app: Flask,
    database: SQLAlchemy,
    directory: Path,
    version_table: str = VERSION_TABLE,
) -> None:
    """Bring the database of ``app`` to the newest migration in ``directory``.

    One that a newer release has migrated is left as it is: older code works on it,
    since a migration takes nothing away that older code uses. Raises what a migration
    raises, or RuntimeError where another process has logged that.

    :param directory: the files in its ``versions`` have the names that Alembic gives:
        they begin with the revision. The last one by name is the newest.
    :param version_table: the table that keeps the revision.
    """

    def load() -> Any:
        import flask_migrate  # type: ignore[import-untyped]

        flask_migrate.Migrate(app, database, directory, version_table=version_table)
        return flask_migrate

    # `flask db` needs it anyway.
    loaded = load() if os.environ.get("FLASK_RUN_FROM_CLI") == "true" else None
    known = {file.name.split("_")[0] for file in directory.glob("versions/*.py")}
    with app.app_context():
        found = _revision(database.engine, version_table)
        # A process that is forked from this one must not share its connections.
        database.engine.dispose()
        if found is not None and found not in known:
            logger.info("A newer release has migrated the database: it stays so.")
        elif loaded:
            loaded.upgrade()
            database.engine.dispose()
        elif found != max(known):
            _apart(lambda: load().upgrade())


def _revision(engine: Engine, version_table: str) -> str | None:
    if not inspect(engine).has_table(version_table):
        return None
    query = select(column("version_num", String)).select_from(table(version_table))
    with engine.connect() as connection:
        return connection.scalar(query)


def _apart(function: Callable[[], object]) -> None:
    """Call a function in a forked process, so that what it loads goes with that."""
    child = os.fork()
    if not child:
        status = 1
        try:
            function()
            status = 0
        except Exception:
            logger.exception("The database cannot be migrated")
        finally:
            os._exit(status)
    if os.waitpid(child, 0)[1]:
        raise RuntimeError("The database cannot be migrated: the log says why.")


def run_migrations() -> None:
    """Run the migrations that Alembic asks for: the whole of a service's env.py."""
    from alembic import context

    migrate = current_app.extensions["migrate"]
    engine = _patient(migrate.db.engine)
    with _one_at_a_time(engine), engine.connect() as connection:
        sqlite = engine.dialect.name == "sqlite"
        if sqlite:
            # All or nothing, and by one process at a time: others wait here.
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        context.configure(
            connection=connection,
            target_metadata=migrate.db.metadata,
            version_table=migrate.configure_args["version_table"],
            # SQLite cannot alter columns; Alembic then copies the table.
            render_as_batch=sqlite,
        )
        with context.begin_transaction():
            context.run_migrations()
        connection.commit()


def _patient(engine: Engine) -> Engine:
    """Return an engine for the same database that waits longer than requests do."""
    if engine.dialect.name != "mysql":
        return engine
    options = engine_options(str(engine.url))
    options["connect_args"]["read_timeout"] = STATEMENT_TIMEOUT_SECONDS
    return create_engine(engine.url, **options)


@contextmanager
def _one_at_a_time(engine: Engine) -> Iterator[None]:
    # Several instances may start at once: a named lock of the server lets one migrate,
    # and the others find nothing left to do. It ends with its connection. On Galera it
    # is one of a node: of two that migrate at two nodes the second fails, and starts
    # again.
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
