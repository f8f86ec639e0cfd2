"""The time in which the platform could do something."""

import time
from collections.abc import Callable

from mfplatform.state.patience import Starvation, slowness_now


class OwnTime:
    """A clock that goes slower while others have the processors.

    :param measure: returns what ``slowness_now`` does.
    :param clock: returns seconds, as time.monotonic does.
    """

    def __init__(
        self,
        measure: Callable[[], float] = slowness_now,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._starvation = Starvation(measure, clock)
        self._clock = clock
        self._began = clock()
        self._lost = 0.0

    def __call__(self) -> float:
        """Return its seconds; to be asked at least every few of them."""
        self._lost += self._starvation.lost_seconds()
        return self._clock() - self._lost

    def share(self) -> float:
        """Return how much of all time since its beginning it has counted."""
        elapsed = self._clock() - self._began
        return 1 - self._lost / elapsed if elapsed else 1.0
