"""Let so many threads answer at a time, and no more."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Turns:
    """Lets so many threads do something at a time; one that does may do more of it.

    So a service that asks another while it answers never waits for itself.
    """

    def __init__(self, count: int) -> None:
        self._free = threading.BoundedSemaphore(count)
        self._own = threading.local()

    @contextmanager
    def one(self) -> Iterator[None]:
        """Wait for a turn, unless this thread has one."""
        if self._has_turn:
            yield
            return
        with self._free:
            self._own.has_turn = True
            try:
                yield
            finally:
                self._own.has_turn = False

    @contextmanager
    def given_back(self) -> Iterator[None]:
        """Let others have this thread's turn, if it has one; wait for another one."""
        if not self._has_turn:
            yield
            return
        self._own.has_turn = False
        self._free.release()
        try:
            yield
        finally:
            self._free.acquire()
            self._own.has_turn = True

    @property
    def _has_turn(self) -> bool:
        return getattr(self._own, "has_turn", False)
