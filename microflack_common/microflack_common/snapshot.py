"""Read several things of a database as they were at one moment.

Needs the extra ``microflack-common[database]``.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine


@contextmanager
def snapshot(engine: Engine) -> Iterator[Connection]:
    """Yield a connection that sees nothing of what is committed after its first read.

    What is written with it is taken back.
    """
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            # Its driver would begin a transaction only before something is written.
            connection.exec_driver_sql("BEGIN")
        else:
            connection = connection.execution_options(isolation_level="REPEATABLE READ")
        yield connection
