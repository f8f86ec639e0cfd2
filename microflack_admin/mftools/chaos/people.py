"""The people who chat meanwhile: some write, some listen, some ask by numbers."""

import asyncio
import itertools
from collections.abc import Sequence

from mftools.bench import users
from mftools.bench.authors import Author
from mftools.bench.http_client import Address, Client
from mftools.bench.numbered import NumberedReader
from mftools.bench.order_check import Acknowledged, examine
from mftools.bench.reconciliation import Reconciliation
from mftools.bench.users import SOCKETS
from mftools.chaos.live_reader import LiveReader

AUTHORS, LISTENERS, READERS = 4, 4, 2
# Between two messages of an author.
PAUSE_SECONDS = 0.25
# Short enough that a message which nobody will answer is soon sent again.
TIMEOUT_SECONDS = 5.0
# Whoever lacks something after that has lost it.
LATE_SECONDS = 60.0


class People:
    """All of them, from ``come`` to ``leave``."""

    def __init__(self, address: Address) -> None:
        self._address = address
        self._stopping = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self.authors: list[Author] = []
        self._listeners: list[LiveReader] = []
        self._readers: list[NumberedReader] = []

    async def come(self) -> str:
        """Sign up, connect, and begin to chat; return the token of one of them."""
        client = Client(self._address)
        tokens = await users.tokens(client, AUTHORS)
        # Readers begin behind it.
        marker = await client.send_checked(users.posting(tokens)())
        client.close()
        self.authors = [
            Author(self._address, number, token, TIMEOUT_SECONDS)
            for number, token in enumerate(tokens)
        ]
        self._readers = [
            NumberedReader(self._address, marker["change"]) for _ in range(READERS)
        ]
        for one in self._readers:
            one.poll()
        self._listeners = [
            LiveReader(self._address, marker["change"]) for _ in range(LISTENERS)
        ]
        for number, listener in enumerate(self._listeners):
            listener.stay(SOCKETS, number)
        self._tasks = [asyncio.create_task(self._write(one)) for one in self.authors]
        return tokens[0]

    async def leave(self) -> None:
        """Write no more; wait until everybody has everything, but not for ever."""
        self._stopping.set()
        await asyncio.gather(*self._tasks)
        last = max((one.change for one in self._acknowledged()), default=0)
        for one in (*self._readers, *self._listeners):
            await one.end(last, LATE_SECONDS)
        for author in self.authors:
            author.close()

    def by_number(self) -> Reconciliation:
        """Compare what was acknowledged with what those got who ask by numbers."""
        return self._examine(self._readers)

    def by_sockets(self) -> Reconciliation:
        """Compare it with what those got who listen."""
        return self._examine(self._listeners)

    def _examine(self, readers: Sequence[NumberedReader]) -> Reconciliation:
        return examine(self._acknowledged(), [one.taken for one in readers])

    def _acknowledged(self) -> list[Acknowledged]:
        return [one for author in self.authors for one in author.acknowledged]

    async def _write(self, author: Author) -> None:
        for number in itertools.count(1):
            await author.write(number)
            try:
                await asyncio.wait_for(self._stopping.wait(), PAUSE_SECONDS)
            except TimeoutError:
                continue
            return
