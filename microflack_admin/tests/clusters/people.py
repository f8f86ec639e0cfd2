"""People who chat, and clients that follow, whatever happens to the servers."""

import asyncio
import time
from collections.abc import Mapping
from itertools import pairwise

from mftools.bench import followers, users
from mftools.bench.authors import Author
from mftools.bench.follower import Follower
from mftools.bench.http_client import Address, Client
from mftools.bench.order_check import contradictions
from mftools.bench.private_room import PrivateRoom
from mftools.bench.reconciliation import Reconciliation, reconcile
from mftools.bench.traffic import Rates, Traffic
from mftools.bench.users import SOCKETS

RATES = Rates(posts=8, reads=4, logins=1, sign_ups=1)
AUTHORS, LISTENERS, ROOM_LISTENERS = 4, 3, 2
# Whose texts no others have.
STEADY = 100
# Nothing that works takes that long, whatever else the machine does.
PATIENCE_SECONDS = 600.0


class Chat:
    """People who write, read, sign up and sign in, and clients that follow."""

    def __init__(self, address: Address) -> None:
        self._address = address
        self.traffic = Traffic(address, RATES, PATIENCE_SECONDS)

    async def begin(self) -> None:
        """Have all of them begin."""
        client = Client(self._address)
        tokens = await users.tokens(client, AUTHORS)
        client.close()
        self.room = await PrivateRoom.open(self._address, tokens)
        self.clients = await followers.connect_all(
            self._address, SOCKETS, LISTENERS, str
        )
        self.members = await followers.connect_all(
            self._address, SOCKETS, ROOM_LISTENERS, str, self.room
        )
        self.traffic.read("/api/messages", "/api/users")
        self.traffic.sign_up()
        self.traffic.sign_in(tokens)
        self.traffic.write()
        self.traffic.write_in(self.room)
        # It writes all the time: what it waits for, everybody waits for.
        self.steady = Author(self._address, STEADY, tokens[0], PATIENCE_SECONDS)
        self._writing = asyncio.create_task(self._write())
        self._number = 0

    async def _write(self) -> None:
        while True:
            self._number += 1
            await self.steady.write(self._number)
            await asyncio.sleep(0.05)

    async def goes_on(self) -> None:
        """Return when something is acknowledged that was written from now on."""
        kept = self.steady.acknowledged
        # The next one may have been written before.
        enough = len(kept) + 2
        while len(kept) < enough:
            await asyncio.sleep(0.05)

    def longest_gap(self, since: float) -> float:
        """Return the seconds without any acknowledgement, at most, since then."""
        ends = [since, *(one.ended for one in self.steady.acknowledged)]
        ends = sorted(one for one in ends if one >= since)
        return max(b - a for a, b in pairwise(ends))

    async def end(self) -> tuple[Reconciliation, list[str], int]:
        """End it; return what was heard, damaged files, and numbers out of order."""
        self._writing.cancel()
        said = (await self.traffic.stop()).acknowledged
        kept = self.steady.acknowledged
        said |= {one.message_id: users.text(STEADY, n) for n, one in enumerate(kept, 1)}
        # Before they ask for the last time: by events, and when they were told to ask.
        await self._until_heard(self.clients, said)
        await self._until_heard(self.members, self.room.acknowledged)
        everybody = [*self.clients, *self.members]
        await asyncio.gather(*(one.stop() for one in everybody))
        heard = reconcile(said, [one.received for one in self.clients])
        members = [await self.room.stored(), *(one.received for one in self.members)]
        heard = heard.plus(reconcile(self.room.acknowledged, members))
        damaged = await self.room.damaged()
        self.room.close()
        self.steady.close()
        return heard, damaged, contradictions(kept)

    async def _until_heard(
        self, clients: list[Follower], said: Mapping[int, str]
    ) -> None:
        end = time.monotonic() + PATIENCE_SECONDS
        while not all(said.keys() <= one.received.messages.keys() for one in clients):
            assert time.monotonic() < end, "somebody has not heard everything"
            await asyncio.sleep(0.1)
