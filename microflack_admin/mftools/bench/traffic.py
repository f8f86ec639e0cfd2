"""Many users at once, who read, sign up, sign in and write at an even rate."""

import asyncio
import itertools
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from mftools.bench import http_client, users
from mftools.bench.http_client import TIMEOUT_SECONDS, Address, Answer, Client
from mftools.bench.private_room import MEMBERS, PrivateRoom
from mftools.bench.tally import Tally
from mftools.bench.users import MESSAGES

UPLOAD = "POST a file"
# Of the messages in a private room, so many bring one.
ONE_FILE_IN = 5


@dataclass(frozen=True)
class Rates:
    """Requests a second, of all who do the same together."""

    posts: float = 16
    reads: float = 20
    logins: float = 2
    sign_ups: float = 1


class Group:
    """Users who do the same, over connections of their own.

    A group that begins with what has only just been started opens new connections, and
    so does this: a connection that was open gets its next answer from the load balancer
    as things were before.
    """

    def __init__(self, address: Address, timeout_seconds: float) -> None:
        # Some keep their connections, as browsers do, and some do not, as curl.
        self._clients = [
            Client(address, keep=keep, timeout_seconds=timeout_seconds)
            for keep in (True, False)
        ]

    async def send(
        self, tally: Tally, kind: str, message: bytes, number: int
    ) -> Answer:
        """Send a request, and count it in the tally of the time when it was sent."""
        tally.begin()
        answer = await self._clients[number % 2].send(message)
        tally.count(kind, answer)
        return answer

    def close(self) -> None:
        """End all connections."""
        for client in self._clients:
            client.close()


class Traffic:
    """Users who read, sign up, sign in and write until they are stopped.

    Each of these can be begun at any time.

    :param timeout_seconds: how long they wait for an answer.
    """

    def __init__(
        self,
        address: Address,
        rates: Rates | None = None,
        timeout_seconds: float = TIMEOUT_SECONDS,
    ) -> None:
        self._address = address
        self._timeout = timeout_seconds
        self._rates = rates or Rates()
        self._stopping = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._groups: list[Group] = []
        self._tokens: list[str] = []
        self.tally = Tally()

    def read(self, *paths: str) -> None:
        """Have users read these paths in turn."""

        async def act(readers: Group, number: int) -> None:
            path = paths[number % len(paths)]
            message = http_client.request("GET", path)
            await readers.send(self.tally, "GET", message, len(path))

        self._begin(self._evenly(self._rates.reads, act))

    def sign_up(self) -> None:
        """Have new users sign up."""

        async def act(newcomers: Group, number: int) -> None:
            message = users.registration(f"newcomer-{number}")
            await newcomers.send(self.tally, "sign-up", message, number)

        self._begin(self._evenly(self._rates.sign_ups, act))

    def sign_in(self, tokens: list[str]) -> None:
        """Have the users with these tokens sign in again and again."""
        self._tokens = list(tokens)
        self._begin(self._evenly(self._rates.logins, self._login))

    def write(self, tokens: list[str] | None = None) -> None:
        """Have those who sign in write messages; or others, who have these tokens."""
        self._tokens = tokens or self._tokens
        authors = self._new_group()
        for author in range(len(self._tokens)):
            self._begin(self._write(authors, author))

    def write_in(self, room: PrivateRoom) -> None:
        """Have those who are in a room write there, as often as here, and send files.

        Their tokens are new ones from now on, as those of all who sign in.
        """
        room.tokens = self._tokens
        authors = self._new_group()
        for author in range(MEMBERS):
            self._begin(self._write_in(room, authors, author))

    async def take(self) -> Tally:
        """Return what was counted since the last time, once all of it is answered."""
        taken, self.tally = self.tally, Tally()
        await taken.complete()
        return taken

    async def stop(self) -> Tally:
        """Finish what was begun; return what was counted."""
        self._stopping.set()
        await asyncio.gather(*self._tasks)
        for one in self._groups:
            one.close()
        return self.tally

    def _new_group(self) -> Group:
        self._groups.append(Group(self._address, self._timeout))
        return self._groups[-1]

    def _begin(self, act: Awaitable[None]) -> None:
        self._tasks.append(asyncio.create_task(_run(act)))

    async def _evenly(
        self, rate: float, act: Callable[[Group, int], Awaitable[None]]
    ) -> None:
        group = self._new_group()
        async with asyncio.TaskGroup() as tasks:
            began = time.perf_counter()
            for number in itertools.count():
                if await self._paused(began + number / rate - time.perf_counter()):
                    return
                tasks.create_task(_run(act(group, number)))

    async def _paused(self, seconds: float) -> bool:
        """Wait, but not longer than until everything ends; say whether it does."""
        try:
            await asyncio.wait_for(self._stopping.wait(), max(0.0, seconds))
        except TimeoutError:
            return False
        return True

    async def _write(self, authors: Group, author: int) -> None:
        """Write one message after the other, the next when the last was answered."""
        for number in itertools.count(1):
            source = users.text(author, number)
            tally, bearer = self.tally, f"Bearer {self._tokens[author]}"
            message = http_client.request("POST", MESSAGES, {"source": source}, bearer)
            answer = await authors.send(tally, f"POST {MESSAGES}", message, author)
            if answer.is_success:
                tally.acknowledged[int(answer.document()["id"])] = source
            if await self._paused(len(self._tokens) / self._rates.posts):
                return

    async def _write_in(self, room: PrivateRoom, authors: Group, author: int) -> None:
        for number in itertools.count(1):
            tally, files, content = self.tally, [], b""
            if number % ONE_FILE_IN == 1:
                content, upload = room.upload(author, number)
                answer = await authors.send(tally, UPLOAD, upload, author)
                files = [answer.document()["id"]] if answer.is_success else []
            message = room.message(author, number, files)
            answer = await authors.send(tally, f"POST {MESSAGES}", message, author)
            if answer.is_success:
                room.acknowledge(answer, content)
            if await self._paused(len(self._tokens) / self._rates.posts):
                return

    async def _login(self, group: Group, number: int) -> None:
        user = number % len(self._tokens)
        answer = await group.send(self.tally, "login", users.login(user), number)
        if answer.is_success:
            # A token does not live for ever, and this may go on for hours.
            self._tokens[user] = answer.document()["token"]


async def _run(act: Awaitable[None]) -> None:
    await act
