"""Transactions that lock a room's counter."""

from sqlalchemy import Connection


def begin(connection: Connection) -> None:
    """Begin a transaction that is going to lock a counter."""
    if connection.dialect.name == "sqlite":
        # It locks no rows. Without this it would begin by reading, and a lock that
        # follows is refused when somebody else has written in between.
        connection.exec_driver_sql("BEGIN IMMEDIATE")
