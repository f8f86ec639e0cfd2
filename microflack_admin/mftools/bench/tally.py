"""Count requests, and remember what was acknowledged."""

import asyncio
import time
from collections import Counter
from dataclasses import dataclass, field

from mftools.bench.http_client import Answer


@dataclass(frozen=True)
class Failure:
    """A request that failed; ``after`` is in seconds since its tally began."""

    kind: str
    status: int
    after: float


@dataclass
class Tally:
    """All requests by kind, those that failed, and the messages that were stored.

    ``acknowledged`` holds the text of each message by its id.
    """

    began: float = field(default_factory=time.perf_counter)
    requests: Counter[str] = field(default_factory=Counter)
    failures: list[Failure] = field(default_factory=list)
    acknowledged: dict[int, str] = field(default_factory=dict)
    slowest_seconds: float = 0.0
    _open: int = 0
    _idle: asyncio.Event = field(default_factory=asyncio.Event)

    def begin(self) -> None:
        """Count one more request that waits for its answer."""
        self._open += 1
        self._idle.clear()

    def count(self, kind: str, answer: Answer) -> None:
        """Count a request that has been answered."""
        self.requests[kind] += 1
        self.slowest_seconds = max(self.slowest_seconds, answer.seconds)
        if not answer.is_success:
            after = time.perf_counter() - self.began
            self.failures.append(Failure(kind, answer.status, round(after, 1)))
        self._open -= 1
        if not self._open:
            self._idle.set()

    async def complete(self) -> None:
        """Wait until every request has been answered."""
        if self._open:
            await self._idle.wait()
