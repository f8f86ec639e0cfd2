"""Count what happened in the last minute."""

import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable

PERIOD_SECONDS = 60.0
# More keys than are counted at a time by anybody who means no harm.
MAX_KEYS = 10_000
Key = tuple[str, ...]


class Window:
    """Counts what happened in the last minute, by key.

    What begins is counted until it is known that it need not be: however many try at
    the same time, no more are let in.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._times: defaultdict[Key, deque[float]] = defaultdict(deque)

    def begin(self, key: Key, most: int) -> float | None:
        """Count one, and return what it is called; None if that is one too many."""
        with self._lock:
            self._forget(key)
            times = self._times[key]
            if len(times) >= most:
                return None
            times.append(self._clock())
            return times[-1]

    def undo(self, key: Key, begun: float) -> None:
        """Count one no longer."""
        with self._lock:
            if begun in self._times[key]:
                self._times[key].remove(begun)

    def add(self, key: Key) -> None:
        """Count one that has happened, however many there are."""
        with self._lock:
            self._forget(key)
            self._times[key].append(self._clock())

    def _forget(self, key: Key) -> None:
        oldest = self._clock() - PERIOD_SECONDS
        if len(self._times) > MAX_KEYS:
            kept = {k: t for k, t in self._times.items() if t and t[-1] > oldest}
            self._times = defaultdict(deque, kept)
        times = self._times[key]
        while times and times[0] <= oldest:
            times.popleft()
