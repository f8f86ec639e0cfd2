"""When the last of many who listen has heard each text."""

import time
from dataclasses import dataclass, field


@dataclass
class Heard:
    """What so many listeners have heard of the texts that were posted."""

    listeners: int = 0
    _times: dict[str, int] = field(default_factory=dict)
    _last: dict[str, float] = field(default_factory=dict)

    def record(self, _listener: int, text: str) -> None:
        """Record that somebody hears a text."""
        times = self._times[text] = self._times.get(text, 0) + 1
        if times == self.listeners:
            self._last[text] = time.perf_counter()

    def seconds(self, posted: dict[str, float]) -> list[float]:
        """Return how long each text took to its last listener; those that reached all.

        :param posted: when each text was posted, in seconds of ``time.perf_counter()``.
        """
        return [self._last[x] - began for x, began in posted.items() if x in self._last]

    def missing(self, posted: dict[str, float]) -> int:
        """Return how many have not been heard, summed over all listeners."""
        return sum(max(0, self.listeners - self._times.get(x, 0)) for x in posted)
