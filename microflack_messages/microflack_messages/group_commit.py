"""Store what several requests wait for in one transaction.

If that fails, it concerns one of them, or this moment: each is stored by itself then,
and again where it was only in another one's way. Where a COMMIT got no answer, the next
try looks first whether it was done: in its own transaction, with the room's counter
locked. So it is stored once, also where several servers share the data (Galera): of two
transactions that take the same numbers one is refused.
"""

import logging
import threading
import time
from collections.abc import Sequence

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from microflack_common import traces
from microflack_common.outage import backoff
from microflack_common.transactions import UnknownOutcome, is_away, passes
from microflack_messages import changes, publication
from microflack_messages.changes import Change, Stored
from microflack_messages.models import db
from microflack_messages.transactions import begin

logger = logging.getLogger(__name__)

# How long a change is tried again that was in another one's way, and between two tries.
RETRY_SECONDS = 8.0
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.01, 0.5
# How much longer it is tried to find out whether a transaction was committed.
LOOKUP_SECONDS = 8.0
# What tries have stored, each at the places of its changes.
Doubtful = Sequence[Sequence[Stored | None]]
UNKNOWN = "The messages database is away. Perhaps it was stored: look before a new try."


class Waiting:
    """A change, and what its request waits for."""

    __slots__ = ("_error", "_stored", "change", "leads", "origin", "told")

    def __init__(self, change: Change) -> None:
        self.change = change
        # What leads back to that request, if it is followed.
        self.origin = traces.origin()
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

    def store(
        self, room_id: int, some: Sequence[Waiting], doubtful: Doubtful = ()
    ) -> None:
        """Store changes of a room, together if that is possible.

        Tells each who waits what has come of it, and publishes what was stored.

        :param doubtful: what earlier tries may have stored, nobody knows.
        """
        here = traces.origin()
        others = [one.origin for one in some if one.origin != here]
        with traces.step("store changes", links=others):
            self._store(room_id, some, doubtful)

    def _store(self, room_id: int, some: Sequence[Waiting], doubtful: Doubtful) -> None:
        tries = list(doubtful)
        end = time.monotonic() + RETRY_SECONDS
        for pause in backoff(FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS):
            try:
                stored = self._transaction(room_id, [one.change for one in some], tries)
            except Exception as error:
                if len(some) > 1 and not is_away(error):
                    for place, one in enumerate(some):
                        self.store(room_id, [one], [[each[place]] for each in tries])
                    return
                if not passes(error):
                    _fail(some, error)
                    return
                if time.monotonic() > end + len(tries[:1]) * LOOKUP_SECONDS:
                    _fail(some, _unknown(error) if tries else error)
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
        self,
        room_id: int,
        batch: Sequence[Change],
        tries: list[Sequence[Stored | None]],
    ) -> Sequence[Stored | None]:
        """Store changes, unless one of the tries has done it; note a doubtful one."""
        # It is kept: to return it to the pool would take a way to the server.
        if self._connection is None:
            self._connection = db.engine.connect()
        connection = self._connection
        try:
            begin(connection)
            for before in tries:
                # Whoever else stores it has to come before this, or cannot any more.
                done = [one for one in before if one is not None]
                if changes.is_stored(connection, room_id, done):
                    connection.rollback()
                    return before
            stored = changes.store(connection, room_id, batch)
        except Exception:
            connection.rollback()
            raise
        try:
            connection.commit()
        except DBAPIError as error:
            connection.rollback()
            if is_away(error):
                logger.warning("The connection was lost at a COMMIT: %s", error.orig)
                tries.append(stored)
            raise
        return stored


def _answer(some: Sequence[Waiting], stored: Sequence[Stored | None]) -> None:
    """Tell those who wait, and then everybody, in the order of the numbers."""
    for waiting, one in zip(some, stored, strict=True):
        waiting.answer(one)
    told = [
        (two.model, one.origin) for one, two in zip(some, stored, strict=True) if two
    ]
    for model, origin in sorted(told, key=lambda pair: pair[0]["change"]):
        with traces.within(origin):
            publication.publish(model)


def _fail(some: Sequence[Waiting], error: Exception) -> None:
    for waiting in some:
        waiting.fail(error)


def _unknown(error: Exception) -> UnknownOutcome:
    outcome = UnknownOutcome(UNKNOWN)
    outcome.__cause__ = error
    return outcome
