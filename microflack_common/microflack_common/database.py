"""Connect to a service's own database.

Needs the extra ``microflack-common[database]``.
"""

import select
from contextlib import suppress
from typing import Any

from flask import Flask
from sqlalchemy import Engine, create_engine, event, text
from sqlalchemy.engine import ExceptionContext, make_url
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.pool import Pool

from microflack_common import sqlite  # noqa: F401 (it sets up connections)

# As many connections as Gunicorn has threads: none waits for another.
POOL_SIZE = 8
# MariaDB: a node without the others of its cluster (1047), a server that stops (1053),
# a COMMIT that has no certain end (1180), what may only be read (1290, 1836). Where the
# connection leads is of no use now; a new one may lead to another server.
NOT_NOW = {1047, 1053, 1180, 1290, 1836}


@event.listens_for(Pool, "checkout")
def _refuse_closed(connection: Any, _record: Any, _proxy: Any) -> None:
    """Have a connection that the server has closed replaced by a new one.

    Such a connection has something to read, namely its end. To look costs nothing,
    unlike a ping ("pool_pre_ping"), which takes the way to the server and back.
    """
    sock = getattr(connection, "_sock", None)
    if sock is not None and select.select([sock], [], [], 0)[0]:
        raise DisconnectionError("The server has closed the connection.")


@event.listens_for(Engine, "handle_error")
def _leave(context: ExceptionContext) -> None:
    """Take a connection for lost that leads to a server which takes nothing now."""
    arguments = getattr(context.original_exception, "args", ())
    if arguments and arguments[0] in NOT_NOW:
        context.is_disconnect = True


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
            # What does not fit is refused, never cut, whatever the server's default.
            "init_command": "SET SESSION sql_mode = 'TRADITIONAL'",
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


def read_value(app: Flask, sql: str) -> Any:
    """Return the one value that a query without parameters finds, or None.

    For what is asked with nearly every request: the driver alone does it in a third of
    the time that SQLAlchemy takes. Raises what SQLAlchemy does.
    """
    engine = autocommit(app)
    if engine.dialect.name == "mysql":
        idle: list[Any] = app.extensions.setdefault("microflack_idle", [])
        connection: Any = None
        try:
            connection = _idle_or_new(idle, engine)
            with connection.cursor() as cursor:
                cursor.execute(sql)
                row = cursor.fetchone()
        except engine.dialect.loaded_dbapi.Error:
            # The server may have been restarted, or is away: below, it is asked once
            # more, and it is SQLAlchemy who says that it does not answer.
            if connection is not None:
                with suppress(engine.dialect.loaded_dbapi.Error):
                    connection.close()
        else:
            idle.append(connection)
            return row and row[0]
    with engine.connect() as pooled:
        return pooled.exec_driver_sql(sql).scalar()


def _idle_or_new(idle: list[Any], engine: Engine) -> Any:
    with suppress(IndexError):
        return idle.pop()
    pooled = engine.raw_connection()
    connection = pooled.driver_connection
    pooled.detach()
    return connection


def answers(app: Flask) -> None:
    """Return if the database of ``app`` answers a query; raise what SQLAlchemy does."""
    engine: Engine = app.extensions["sqlalchemy"].engine
    with engine.connect() as connection:
        connection.execute(text("SELECT 1"))
