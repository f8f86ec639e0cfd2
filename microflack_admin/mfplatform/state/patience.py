"""Waits that last longer where a process gets less of a processor.

How long something may take is known for a machine that has a processor to spare. Where
nine processes want each processor, all of it takes nine times as long, and who gives up
after the usual time finds fault with what is merely slow. So a wait does not count what
others have taken: where nine want each processor, a ninth of each second counts.
"""

import os
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

K = TypeVar("K")

# The fourth field: how many want a processor at this moment, and how many there are.
LOAD_FILE = Path("/proc/loadavg")
# However busy the machine is, a wait has an end.
MAX_SLOWNESS = 10.0


def slowness(load: str, processors: int) -> float:
    """Return how many times as long everything takes; 1 if that is not known.

    :param load: what the load file says.
    :param processors: how many the machine has.
    """
    try:
        running = int(load.split()[3].split("/")[0])
    except (ValueError, IndexError):
        return 1.0
    return min(max(running / processors, 1.0), MAX_SLOWNESS)


def slowness_now() -> float:
    """Return how many times as long everything takes at this moment."""
    load = LOAD_FILE.read_text() if LOAD_FILE.exists() else ""
    return slowness(load, os.cpu_count() or 1)


class Starvation:
    """Tells how much time others have taken from what is waited for.

    :param measure: returns what ``slowness_now`` does.
    :param clock: returns seconds, as time.monotonic does.
    """

    def __init__(
        self,
        measure: Callable[[], float] = slowness_now,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._measure = measure
        self._clock = clock
        self._looked_at = clock()

    def lost_seconds(self) -> float:
        """Return how many of the seconds since the last call, or the first, are lost.

        It looks at the machine at that moment only, so call it often.
        """
        now = self._clock()
        elapsed, self._looked_at = now - self._looked_at, now
        return elapsed * (1 - 1 / self._measure())


class Deadline:
    """The end of a wait; it moves on while others have the processors.

    :param seconds: how long the wait lasts on a machine that is not busy.
    :param measure: as for ``Starvation``, and so is ``clock``.
    """

    def __init__(
        self,
        seconds: float,
        measure: Callable[[], float] = slowness_now,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._starvation = Starvation(measure, clock)
        self._clock = clock
        self._end = clock() + seconds

    def is_over(self) -> bool:
        """Say whether the time is up; to be asked at least every few seconds."""
        self._end += self._starvation.lost_seconds()
        return self._clock() >= self._end


def moved_on(
    times: Mapping[K, float], lost_seconds: float, now: float
) -> dict[K, float]:
    """Return times as if they were later by what was lost, but not after ``now``."""
    return {key: min(when + lost_seconds, now) for key, when in times.items()}
