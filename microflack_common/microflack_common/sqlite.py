"""How SQLite is used: what is committed outlives a power cut, and writers take turns.

Reference: the SQLite documentation, "Write-Ahead Logging" and "PRAGMA synchronous".
"""

import sqlite3
from typing import Any

from sqlalchemy import event
from sqlalchemy.pool import Pool

# There is one writer at a time: the others wait, in milliseconds.
BUSY_TIMEOUT_MS = 30_000


@event.listens_for(Pool, "connect")
def set_up(connection: Any, _record: Any) -> None:
    """Set up a new connection, if it is one of SQLite."""
    if not isinstance(connection, sqlite3.Connection):
        return
    connection.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
    # Readers and a writer do not wait for each other.
    connection.execute("PRAGMA journal_mode = WAL")
    # A commit is on the disk when it returns; NORMAL would lose the last ones.
    connection.execute("PRAGMA synchronous = FULL")
    if connection.isolation_level is not None:
        # Who begins to write has the lock from there: one that began by reading would
        # be refused it, and at once, if somebody else has written in between.
        connection.isolation_level = "IMMEDIATE"
