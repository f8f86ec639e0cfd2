"""The clients that use the system all the time, and do what is possible by then."""

import asyncio

from mftools.bench import followers, users
from mftools.bench.api_load import read_back
from mftools.bench.bench import say
from mftools.bench.follower import Follower
from mftools.bench.http_client import Address, Client
from mftools.bench.private_room import PrivateRoom
from mftools.bench.received_messages import ReceivedMessages
from mftools.bench.reconciliation import Reconciliation, reconcile
from mftools.bench.tally import Tally
from mftools.bench.traffic import Rates, Traffic
from mftools.bench.users import MESSAGES, SOCKETS, USERS
from mftools.tour.report import Figures
from mftools.tour.steps import Begin

PAGE = ("/", "/static/app.js")
PEOPLE = (USERS, f"{USERS}/1")
LISTS = (MESSAGES, f"{MESSAGES}?limit=10")
# Somebody may want to chat among them, so they are fewer than for a measurement.
RATES = Rates(posts=6, reads=8, logins=1, sign_ups=0.5)
# While a service is moved requests wait: on a busy machine, for long.
PATIENCE_SECONDS = 600.0
AUTHORS = 8
LISTENERS, ROOM_LISTENERS = 10, 3
# No message has a higher id.
LAST_ID = 2**31 - 2


class Clients:
    """All of them, until they are stopped; what they do is counted step by step."""

    def __init__(self, address: Address) -> None:
        self._address = address
        # A new connection each time, since what is asked has often just come.
        self._client = Client(address, keep=False)
        self._traffic = Traffic(address, RATES, PATIENCE_SECONDS)
        self._acknowledged: dict[int, str] = {}
        self._followers: list[Follower] = []
        # Later messages than this one have to reach all followers.
        self._first_id = 0
        self._room: PrivateRoom | None = None
        self._members: list[Follower] = []
        # How many messages of the room were counted before.
        self._counted = 0

    async def begin(self, what: Begin) -> None:
        """Have clients do one thing more from now on."""
        traffic = self._traffic
        match what:
            case Begin.PAGE:
                traffic.read(*PAGE)
            case Begin.PEOPLE:
                await users.register(self._client, AUTHORS)
                traffic.read(*PEOPLE)
                traffic.sign_up()
            case Begin.SIGN_INS:
                traffic.sign_in(await users.tokens(self._client, AUTHORS))
            case Begin.MESSAGES:
                traffic.write()
                traffic.read(*LISTS)
            case Begin.EVENTS:
                await self._listen()
            case Begin.ROOM:
                await self._meet()

    async def _listen(self) -> None:
        self._followers = await followers.connect_all(
            self._address, SOCKETS, LISTENERS, say
        )
        # Whatever is stored after this one is stored while they listen.
        tokens = await users.tokens(self._client, 1)
        marker = await self._client.send_checked(users.posting(tokens)())
        self._first_id = int(marker["id"])

    async def _meet(self) -> None:
        tokens = await users.tokens(self._client, AUTHORS)
        self._room = await PrivateRoom.open(self._address, tokens, PATIENCE_SECONDS)
        self._members = await followers.connect_all(
            self._address, SOCKETS, ROOM_LISTENERS, say, self._room
        )
        self._traffic.write_in(self._room)

    async def figures(self) -> Figures:
        """Return what was counted since the last time; read all messages back."""
        return await self._figures(await self._traffic.take())

    async def stop(self) -> tuple[Figures, Reconciliation | None]:
        """End it; return the last figures, and what the followers have in the end."""
        figures = await self._figures(await self._traffic.stop())
        everybody = [*self._followers, *self._members]
        await asyncio.gather(*(one.stop() for one in everybody))
        self._client.close()
        if not self._followers:
            return figures, None
        due = {n: text for n, text in self._acknowledged.items() if n > self._first_id}
        heard = reconcile(due, [one.received for one in self._followers])
        if self._room:
            self._room.close()
            members = [one.received for one in self._members]
            heard = heard.plus(reconcile(self._room.acknowledged, members))
        return figures, heard

    async def _figures(self, tally: Tally) -> Figures:
        self._acknowledged |= tally.acknowledged
        figures = Figures.of(tally)
        if self._acknowledged:
            stored = ReceivedMessages()
            for message in await read_back(self._client, LAST_ID):
                stored.merge(message)
            figures.stored = reconcile(self._acknowledged, [stored])
        if self._room and figures.stored:
            await self._look_into(self._room, figures, figures.stored)
        if self._followers:
            figures.gap_seconds = self._longest_gap_seconds()
        return figures

    async def _look_into(
        self, room: PrivateRoom, figures: Figures, stored: Reconciliation
    ) -> None:
        """Count what was said in a room, too, and look at all its files."""
        # What is acknowledged from now on may not be in what is read.
        due = dict(room.acknowledged)
        said = reconcile(due, [await room.stored()])
        figures.stored = stored.plus(said)
        figures.acknowledged += said.acknowledged - self._counted
        self._counted = said.acknowledged
        figures.damaged = await room.damaged()

    def _longest_gap_seconds(self) -> float:
        """Return the longest gap of a follower since the last time."""
        everybody = [*self._followers, *self._members]
        gaps = [gap for one in everybody for gap in one.gap_seconds]
        for one in everybody:
            one.gap_seconds.clear()
        return max(gaps, default=0.0)
