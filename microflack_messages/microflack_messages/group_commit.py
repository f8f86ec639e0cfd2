"""Store what several requests wait for in one transaction.

If that fails, it concerns one of them, or this moment: each is stored by itself then,
and again where it was only in another one's way.
"""

import logging
import threading
import time
from collections.abc import Sequence

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from microflack_common.errors import ServiceUnavailable
from microflack_common.outage import backoff
from microflack_messages import changes, publication
from microflack_messages.changes import Change, Stored
from microflack_messages.models import db
from microflack_messages.transactions import begin, error_code, is_in_the_way

logger = logging.getLogger(__name__)

# How long a change is tried again that was in another one's way, and between two tries.
RETRY_SECONDS = 8.0
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.01, 0.5
# How long it is tried to find out whether a transaction was committed.
LOOKUP_SECONDS = 8.0
# PyMySQL: no server is there, or it does not answer.
CANNOT_CONNECT = {2002, 2003}
UNKNOWN = "The messages database is away. Perhaps it was stored: look before a new try."


class UnknownOutcome(ServiceUnavailable):
    """Raised when nobody can say whether a change was stored."""


class Waiting:
    """A change, and what its request waits for."""

    __slots__ = ("_error", "_stored", "change", "leads", "told")

    def __init__(self, change: Change) -> None:
        self.change = change
        # Whether the request is to store the change itself, and others with it.
        self.leads = False
        # Set when the request has to wait no longer.
        self.told = threading.Event()
        self._stored: Stored | None = None
        self._error: Exception | None = None

    def lead(self) -> None:
        """Let the request store the change."""
        self.leads = True
        self.told.set()

    def answer(self, stored: Stored | None) -> None:
        """Say what was stored."""
        self._stored = stored
        self.told.set()

    def fail(self, error: Exception) -> None:
        """Say why nothing was stored."""
        self._error = error
        self.told.set()

    def result(self) -> Stored | None:
        """Return what was stored, or raise why nothing was."""
        if self._error is not None:
            raise self._error
        return self._stored


class GroupCommit:
    """Stores changes, with a connection of its own. One thread at a time uses it."""

    def __init__(self) -> None:
        self._connection: Connection | None = None

    def store(self, room_id: int, some: Sequence[Waiting]) -> None:
        """Store changes of a room, together if that is possible.

        Tells each who waits what has come of it, and publishes what was stored.
        """
        end = time.monotonic() + RETRY_SECONDS
        for pause in backoff(FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS):
            try:
                stored = self._transaction(room_id, [one.change for one in some])
            except UnknownOutcome as error:
                _fail(some, error)
                return
            except Exception as error:
                if len(some) > 1 and not _is_away(error):
                    for one in some:
                        self.store(room_id, [one])
                    return
                if not _passes(error) or time.monotonic() > end:
                    _fail(some, error)
                    return
            else:
                _answer(some, stored)
                return
            time.sleep(pause)

    def close(self) -> None:
        """Give the connection back."""
        if self._connection is not None:
            self._connection.close()

    def _transaction(
        self, room_id: int, batch: Sequence[Change]
    ) -> list[Stored | None]:
        # It is kept: to return it to the pool would take a way to the server.
        if self._connection is None:
            self._connection = db.engine.connect()
        connection = self._connection
        try:
            begin(connection)
            stored = changes.store(connection, room_id, batch)
        except Exception:
            connection.rollback()
            raise
        try:
            connection.commit()
        except DBAPIError as error:
            connection.rollback()
            if not self._was_committed(room_id, stored, error):
                raise
        return stored

    def _was_committed(
        self, room_id: int, stored: Sequence[Stored | None], error: DBAPIError
    ) -> bool:
        """Find out what has become of a transaction whose COMMIT was not answered."""
        if not error.connection_invalidated:
            return False
        logger.warning("The connection was lost at a COMMIT: %s", error.orig)
        end = time.monotonic() + LOOKUP_SECONDS
        for pause in backoff(FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS):
            try:
                with db.engine.connect() as connection:
                    begin(connection)
                    done = [one for one in stored if one is not None]
                    return changes.is_stored(connection, room_id, done)
            except SQLAlchemyError:
                if time.monotonic() > end:
                    raise UnknownOutcome(UNKNOWN) from error
            time.sleep(pause)
        return False


def _answer(some: Sequence[Waiting], stored: Sequence[Stored | None]) -> None:
    """Tell those who wait, and then everybody, in the order of the numbers."""
    for waiting, one in zip(some, stored, strict=True):
        waiting.answer(one)
    models = [one.model for one in stored if one is not None]
    for model in sorted(models, key=lambda model: model["change"]):
        publication.publish(model)


def _fail(some: Sequence[Waiting], error: Exception) -> None:
    for waiting in some:
        waiting.fail(error)


def _passes(error: Exception) -> bool:
    """Say whether the same may succeed if it is tried again."""
    return is_in_the_way(error) or _is_away(error)


def _is_away(error: Exception) -> bool:
    """Say whether there is no connection to the database, or it was lost."""
    lost: bool = getattr(error, "connection_invalidated", False)
    return lost or error_code(error) in CANNOT_CONNECT
