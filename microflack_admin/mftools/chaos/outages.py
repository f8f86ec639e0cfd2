"""How long each location was not served, and how soon it was after a misfortune."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from mftools.bench import http_client
from mftools.bench.http_client import Address, Client
from mftools.bench.users import MESSAGES, SOCKETS, TOKENS, USERS

# What is asked of each service, and where its page is.
PATHS = (
    f"{USERS}?limit=1",
    TOKENS,
    f"{MESSAGES}?limit=1",
    f"{SOCKETS}/?EIO=4&transport=polling",
    "/",
)
PERIOD_SECONDS = 0.25
TIMEOUT_SECONDS = 3.0


@dataclass(frozen=True)
class Outage:
    """From the first request that failed to the end of the first that did not."""

    begin: float
    end: float


@dataclass
class Watch:
    """Asks for a path again and again, and notes when that fails."""

    path: str
    outages: list[Outage] = field(default_factory=list)
    requests: int = 0
    failed: int = 0
    _down_since: float | None = None

    async def follow(
        self, address: Address, token: str, clock: Callable[[], float]
    ) -> None:
        """Ask until this is cancelled, in the name of somebody who is signed in.

        :param clock: returns the seconds that count.
        """
        client = Client(address, connections=1, timeout_seconds=TIMEOUT_SECONDS)
        message = http_client.request("GET", self.path, authorization=f"Bearer {token}")
        try:
            while True:
                asked = clock()
                answer = await client.send(message)
                self.note(asked, clock(), answer.is_success)
                await asyncio.sleep(PERIOD_SECONDS)
        finally:
            client.close()

    def note(self, asked: float, answered: float, is_success: bool) -> None:
        """Take one answer, or its absence, into account."""
        self.requests += 1
        self.failed += not is_success
        if not is_success and self._down_since is None:
            self._down_since = asked
        if is_success and self._down_since is not None:
            self.outages.append(Outage(self._down_since, answered))
            self._down_since = None

    @property
    def is_down(self) -> bool:
        """Tell whether the last request failed."""
        return self._down_since is not None


def recovery_seconds(outages: Sequence[Outage], ends: Sequence[float]) -> float:
    """Return the longest time from the end of a misfortune to that of an outage.

    :param ends: when each misfortune ended: nobody can serve before.
    """
    longest = 0.0
    for one in outages:
        since = max([one.begin, *(end for end in ends if end <= one.end)])
        longest = max(longest, one.end - since)
    return longest
