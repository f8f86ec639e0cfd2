"""Store together what the requests of an instance have to store.

A request that comes alone stores its change itself. What comes while it does so waits,
and shares the next transaction, which one of those who wait carries out for all. So
however many requests come at once, one thread at a time locks a room's counter, for a
moment, and nobody hands anything to another thread without need.
"""

import threading
from collections import defaultdict, deque
from collections.abc import Iterable

from microflack_common.errors import ServiceUnavailable
from microflack_messages.changes import Change, Stored
from microflack_messages.group_commit import UNKNOWN, GroupCommit, Waiting

# The most changes of one transaction, and that may wait.
BATCH_SIZE = 100
CAPACITY = 2000
# How long a request waits until its change is being stored or is stored.
TIMEOUT_SECONDS = 10.0


class Writer:
    """Stores changes in the order in which they came, and publishes them."""

    def __init__(self) -> None:
        self._group_commit = GroupCommit()
        self._lock = threading.Lock()
        self._idle = threading.Condition(self._lock)
        self._waiting: deque[Waiting] = deque()
        self._busy = self._stopped = False

    def write(
        self, change: Change, timeout_seconds: float = TIMEOUT_SECONDS
    ) -> Stored | None:
        """Store a change; return it when it is committed. Call it in an app's context.

        None: the message is not there, or not the revision that was to be changed.
        Raises IntegrityError for a key that was used before, ServiceUnavailable if it
        takes too long, and what else SQLAlchemy does.
        """
        own = Waiting(change)
        with self._lock:
            if self._stopped or len(self._waiting) >= CAPACITY:
                raise ServiceUnavailable("Too much is written at once.")
            self._waiting.append(own)
            leads, self._busy = not self._busy, True
        if leads or self._wait(own, timeout_seconds):
            self._lead()
        return own.result()

    def flush(self, timeout_seconds: float) -> bool:
        """Wait until all that came is stored; False at the timeout."""
        with self._idle:
            return self._idle.wait_for(lambda: not self._busy, timeout_seconds)

    def stop(self) -> bool:
        """Take nothing more, and wait for the rest; False if that takes too long."""
        with self._lock:
            self._stopped = True
        done = self.flush(TIMEOUT_SECONDS)
        if done:
            self._group_commit.close()
        return done

    def _wait(self, own: Waiting, timeout_seconds: float) -> bool:
        """Wait until a change is stored; True if its request is to do that, for all."""
        own.told.wait(timeout_seconds)
        with self._lock:
            if own.leads:
                return True
            if own in self._waiting:
                self._waiting.remove(own)
                raise ServiceUnavailable("The database takes too long.")
        if not own.told.is_set():
            raise ServiceUnavailable(UNKNOWN)
        return False

    def _lead(self) -> None:
        """Store what waits, and leave what comes meanwhile to the first of those."""
        with self._lock:
            count = min(BATCH_SIZE, len(self._waiting))
            batch = [self._waiting.popleft() for _ in range(count)]
        try:
            self._store(batch)
        finally:
            with self._lock:
                self._busy = bool(self._waiting)
                if self._busy:
                    self._waiting[0].lead()
                else:
                    self._idle.notify_all()

    def _store(self, batch: Iterable[Waiting]) -> None:
        rooms: defaultdict[int, list[Waiting]] = defaultdict(list)
        for one in batch:
            rooms[one.change.room_id].append(one)
        for room_id, some in rooms.items():
            self._group_commit.store(room_id, some)
