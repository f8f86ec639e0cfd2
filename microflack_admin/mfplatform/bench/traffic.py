"""What many people do at once, evenly, whatever happens meanwhile; all counted."""

import asyncio
import itertools
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from mfplatform.bench import people, wire
from mfplatform.bench.people import MESSAGES, USERS
from mfplatform.bench.wire import Address, Answer, Client

AUTHORS = 8
# Requests a second.
POSTS, READS, LOGINS = 16, 20, 2
READ = ("/", MESSAGES, USERS, f"{USERS}/1", f"{MESSAGES}?limit=10")


@dataclass(frozen=True)
class Failure:
    """A request that was not answered as it should be."""

    kind: str
    status: int
    after: float


@dataclass
class Tally:
    """All requests by kind, those that failed, and the messages that were answered.

    ``acknowledged`` holds the text of each message by its id.
    """

    began: float = field(default_factory=time.perf_counter)
    requests: Counter[str] = field(default_factory=Counter)
    failures: list[Failure] = field(default_factory=list)
    acknowledged: dict[int, str] = field(default_factory=dict)
    slowest: float = 0.0

    def count(self, kind: str, answer: Answer) -> None:
        """Count a request."""
        self.requests[kind] += 1
        self.slowest = max(self.slowest, answer.seconds)
        if not answer.good:
            after = time.perf_counter() - self.began
            self.failures.append(Failure(kind, answer.status, round(after, 1)))


class Traffic:
    """Authors, readers and people who sign in, until they are stopped."""

    def __init__(self, address: Address, tokens: list[str]) -> None:
        self._tokens = tokens
        # Some keep their connections, as browsers do, and some do not, as curl.
        self._clients = [Client(address), Client(address, keep=False)]
        self._stopping = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self.tally = Tally()

    def start(self) -> None:
        """Begin."""
        authors = [self._write(n, token) for n, token in enumerate(self._tokens)]
        paths, numbers = itertools.cycle(READ), itertools.count()
        reads = self._evenly(READS, lambda: self._read(next(paths)))
        logins = self._evenly(LOGINS, lambda: self._login(next(numbers)))
        self._tasks = [asyncio.create_task(x) for x in (*authors, reads, logins)]

    async def stop(self) -> Tally:
        """Finish what was begun; return what was counted."""
        self._stopping.set()
        await asyncio.gather(*self._tasks)
        for client in self._clients:
            client.close()
        return self.tally

    async def _evenly(self, rate: float, act: Callable[[], Awaitable[None]]) -> None:
        async with asyncio.TaskGroup() as group:
            began = time.perf_counter()
            for number in itertools.count():
                if await self._paused(began + number / rate - time.perf_counter()):
                    return
                group.create_task(_run(act()))

    async def _paused(self, seconds: float) -> bool:
        """Wait, but not longer than until everything ends; say whether it does."""
        try:
            await asyncio.wait_for(self._stopping.wait(), max(0.0, seconds))
        except TimeoutError:
            return False
        return True

    async def _write(self, author: int, token: str) -> None:
        """Write one message after the other, the next when the last was answered."""
        client = self._clients[author % 2]
        for number in itertools.count(1):
            source = text(author, number)
            body = {"source": source}
            answer = await client.send(
                wire.request("POST", MESSAGES, body, f"Bearer {token}")
            )
            self.tally.count(f"POST {MESSAGES}", answer)
            if answer.good:
                self.tally.acknowledged[int(answer.document()["id"])] = source
            if await self._paused(len(self._tokens) / POSTS):
                return

    async def _read(self, path: str) -> None:
        answer = await self._clients[len(path) % 2].send(wire.request("GET", path))
        self.tally.count("GET", answer)

    async def _login(self, number: int) -> None:
        client = self._clients[number % 2]
        answer = await client.send(people.login(number % len(self._tokens)))
        self.tally.count("login", answer)


async def _run(act: Awaitable[None]) -> None:
    await act


def text(author: int, number: int) -> str:
    """Return what an author writes; it says whose message it is, and which."""
    return f"author {author} wrote *message* {number}"


def origin(source: str) -> tuple[int, int] | None:
    """Return author and number of a message, None when it is somebody else's."""
    words = source.replace("*", "").split()
    if words[:1] != ["author"] or words[2:4] != ["wrote", "message"]:
        return None
    return int(words[1]), int(words[4])
