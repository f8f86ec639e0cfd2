"""What many people do at once, evenly, whatever happens meanwhile; all counted."""

import asyncio
import itertools
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from mftools.bench import http_client, users
from mftools.bench.http_client import Address, Answer, Client
from mftools.bench.users import MESSAGES


@dataclass(frozen=True)
class Rates:
    """Requests a second, of all who do the same together."""

    posts: float = 16
    reads: float = 20
    logins: float = 2
    sign_ups: float = 1


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
    _waiting: int = 0
    _idle: asyncio.Event = field(default_factory=asyncio.Event)

    def begin(self) -> None:
        """Expect an answer."""
        self._waiting += 1
        self._idle.clear()

    def count(self, kind: str, answer: Answer) -> None:
        """Count a request that has been answered."""
        self.requests[kind] += 1
        self.slowest = max(self.slowest, answer.seconds)
        if not answer.good:
            after = time.perf_counter() - self.began
            self.failures.append(Failure(kind, answer.status, round(after, 1)))
        self._waiting -= 1
        if not self._waiting:
            self._idle.set()

    async def complete(self) -> None:
        """Wait until nothing is expected any more."""
        if self._waiting:
            await self._idle.wait()


class People:
    """Some who ask, over connections of their own.

    Who begins with something that has only just been there opens a new connection, as
    this does: one that was open gets its next answer as things were before.
    """

    def __init__(self, address: Address) -> None:
        # Some keep their connections, as browsers do, and some do not, as curl.
        self._clients = [Client(address), Client(address, keep=False)]

    async def ask(self, tally: Tally, kind: str, message: bytes, number: int) -> Answer:
        """Send a request; whatever comes back counts where it was sent."""
        tally.begin()
        answer = await self._clients[number % 2].send(message)
        tally.count(kind, answer)
        return answer

    def close(self) -> None:
        """End all connections."""
        for client in self._clients:
            client.close()


class Traffic:
    """People who read, sign up, sign in and write, until they are stopped.

    Each of that can be begun at any time.
    """

    def __init__(self, address: Address, rates: Rates | None = None) -> None:
        self._address = address
        self._rates = rates or Rates()
        self._stopping = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._people: list[People] = []
        self._tokens: list[str] = []
        self.tally = Tally()

    def read(self, *paths: str) -> None:
        """Have people read these in turn."""

        async def act(readers: People, number: int) -> None:
            path = paths[number % len(paths)]
            message = http_client.request("GET", path)
            await readers.ask(self.tally, "GET", message, len(path))

        self._begin(self._evenly(self._rates.reads, act))

    def sign_up(self) -> None:
        """Have new people sign up."""

        async def act(newcomers: People, number: int) -> None:
            message = users.registration(f"newcomer-{number}")
            await newcomers.ask(self.tally, "sign-up", message, number)

        self._begin(self._evenly(self._rates.sign_ups, act))

    def sign_in(self, tokens: list[str]) -> None:
        """Have the people who got these tokens sign in again and again."""
        self._tokens = list(tokens)
        self._begin(self._evenly(self._rates.logins, self._login))

    def write(self) -> None:
        """Have those who sign in write messages."""
        authors = self._newcomers()
        for author in range(len(self._tokens)):
            self._begin(self._write(authors, author))

    async def take(self) -> Tally:
        """Return what was counted since the last time, once all of it is answered."""
        taken, self.tally = self.tally, Tally()
        await taken.complete()
        return taken

    async def stop(self) -> Tally:
        """Finish what was begun; return what was counted."""
        self._stopping.set()
        await asyncio.gather(*self._tasks)
        for one in self._people:
            one.close()
        return self.tally

    def _newcomers(self) -> People:
        self._people.append(People(self._address))
        return self._people[-1]

    def _begin(self, act: Awaitable[None]) -> None:
        self._tasks.append(asyncio.create_task(_run(act)))

    async def _evenly(
        self, rate: float, act: Callable[[People, int], Awaitable[None]]
    ) -> None:
        who = self._newcomers()
        async with asyncio.TaskGroup() as group:
            began = time.perf_counter()
            for number in itertools.count():
                if await self._paused(began + number / rate - time.perf_counter()):
                    return
                group.create_task(_run(act(who, number)))

    async def _paused(self, seconds: float) -> bool:
        """Wait, but not longer than until everything ends; say whether it does."""
        try:
            await asyncio.wait_for(self._stopping.wait(), max(0.0, seconds))
        except TimeoutError:
            return False
        return True

    async def _write(self, authors: People, author: int) -> None:
        """Write one message after the other, the next when the last was answered."""
        for number in itertools.count(1):
            source = text(author, number)
            tally, bearer = self.tally, f"Bearer {self._tokens[author]}"
            message = http_client.request("POST", MESSAGES, {"source": source}, bearer)
            answer = await authors.ask(tally, f"POST {MESSAGES}", message, author)
            if answer.good:
                tally.acknowledged[int(answer.document()["id"])] = source
            if await self._paused(len(self._tokens) / self._rates.posts):
                return

    async def _login(self, who: People, number: int) -> None:
        person = number % len(self._tokens)
        answer = await who.ask(self.tally, "login", users.login(person), number)
        if answer.good:
            # A token does not live for ever, and this may go on for hours.
            self._tokens[person] = answer.document()["token"]


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
