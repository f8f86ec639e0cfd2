"""Transactions that lock a room's counter."""

from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import Connection

from microflack_common import transactions
from microflack_messages.orm import db

T = TypeVar("T")


def begin(connection: Connection) -> None:
    """Begin a transaction that is going to lock a counter."""
    if connection.dialect.name == "sqlite":
        # It locks no rows. Without this it would begin by reading, and a lock that
        # follows is refused when somebody else has written in between.
        connection.exec_driver_sql("BEGIN IMMEDIATE")


def run(
    work: Callable[[Connection], T],
    is_stored: Callable[[Connection, T], bool] | None = None,
) -> T:
    """Return what ``work`` does in a transaction of its own, once that is committed.

    See ``microflack_common.transactions.run``.
    """

    def begun(connection: Connection) -> T:
        begin(connection)
        return work(connection)

    return transactions.run(db.engine, begun, is_stored)
