"""Have a server of a database fail as real ones do, for tests."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, event


@contextmanager
def lost_commit(engine: Engine) -> Iterator[None]:
    """Lose the connection at the first COMMIT, which MariaDB carries out nevertheless.

    Raises AssertionError if there was none.
    """
    lost: list[Any] = []

    def lose(connection: Connection) -> None:
        raw: Any = connection.connection.dbapi_connection
        if not lost:
            lost.append(raw)
            raw.commit()
            with engine.connect() as other:
                other.exec_driver_sql(f"KILL {raw.thread_id()}")

    event.listen(engine, "commit", lose)
    try:
        yield
    finally:
        event.remove(engine, "commit", lose)
    assert lost
