"""Transactions that lock a room's counter."""

import time
from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from microflack_common.outage import backoff
from microflack_messages.orm import db

T = TypeVar("T")

# How long something is tried again that was in another one's way, and between two
# tries.
RETRY_SECONDS = 8.0
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.01, 0.5
# MariaDB: a deadlock, and a lock that was waited for too long.
IN_THE_WAY = {1213, 1205}


def begin(connection: Connection) -> None:
    """Begin a transaction that is going to lock a counter."""
    if connection.dialect.name == "sqlite":
        # It locks no rows. Without this it would begin by reading, and a lock that
        # follows is refused when somebody else has written in between.
        connection.exec_driver_sql("BEGIN IMMEDIATE")


def run(work: Callable[[Connection], T]) -> T:
    """Return what ``work`` does in a transaction of its own, once that is committed.

    It is done anew where it was only in another one's way. What it raises takes all of
    it back. Raises what SQLAlchemy does, too.
    """
    end = time.monotonic() + RETRY_SECONDS
    pauses = backoff(FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS)
    while True:
        try:
            with db.engine.connect() as connection:
                begin(connection)
                result = work(connection)
                connection.commit()
                return result
        except DBAPIError as error:
            if not is_in_the_way(error) or time.monotonic() > end:
                raise
        time.sleep(next(pauses))


def is_in_the_way(error: Exception) -> bool:
    """Say whether something failed only since somebody else did something else."""
    return "database is locked" in str(error) or error_code(error) in IN_THE_WAY


def error_code(error: Exception) -> int:
    """Return the number that the database's driver gave an error; 0 if it has none."""
    arguments = getattr(getattr(error, "orig", None), "args", ())
    return arguments[0] if arguments and isinstance(arguments[0], int) else 0
