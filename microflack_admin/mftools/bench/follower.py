"""A client that follows the protocol: it listens, and after any gap it catches up.

When its connection ends it connects again and asks by REST for all changes after the
last number that it knows. Only then it takes the events that have come meanwhile. So it
does when it is told to catch up: what it may hear was not known at once. Where changes
have no numbers, it asks for what changed since the last time that it knows. That is all
that the protocol asks of a client.
"""

import asyncio
import json
import random
import time
from dataclasses import dataclass

from mftools.bench.http_client import Address
from mftools.bench.known_changes import KnownChanges, Requests
from mftools.bench.listener import WISHES, Listener
from mftools.bench.private_room import PrivateRoom
from mftools.bench.received_messages import Model, updated_model

CONNECT_TIMEOUT_SECONDS = 10.0
TOLD_TO_CATCH_UP = b'42["catch_up"'


@dataclass(frozen=True)
class Pauses:
    """Seconds that a client waits before it connects again.

    ``jitter`` is the longest wait after a connection ended. After a failure the wait
    doubles from ``first`` to ``longest``; chance takes up to a half of it.
    """

    jitter: float = 0.0
    first: float = 0.1
    longest: float = 1.0


class Follower:
    """One client, from ``start`` to ``stop``.

    With a token it gives a sign of life whenever it has connected, as the page does.

    :param room: which it follows, as somebody who is in it. Without, it follows what
        everybody hears.
    """

    def __init__(
        self,
        address: Address,
        path: str,
        number: int,
        token: str = "",
        pauses: Pauses | None = None,
        room: PrivateRoom | None = None,
    ) -> None:
        self._room = room
        self._address = address
        self._path = path
        self._number = number
        self._token = token
        self._pauses = pauses or Pauses()
        self._changes = KnownChanges(address, room)
        self._random = random.Random(number)
        self._listener: Listener | None = None
        self._disconnected = asyncio.Event()
        self._deferred: list[Model] | None = None
        self._payloads: set[bytes] = set()
        self._task: asyncio.Task[None] | None = None
        self._repair: asyncio.Task[None] | None = None
        # Whether it was told to catch up since it began to do so.
        self._is_behind = False
        self.received = self._changes.received
        # How long it was, each time, until it was connected again and had caught up.
        self.gap_seconds: list[float] = []

    async def start(self) -> None:
        """Connect, and stay connected; raise ConnectionError if that fails at first."""
        if not await self._connect():
            raise ConnectionError("no connection to the Socket.IO service")
        self._task = asyncio.create_task(self._stay_connected())

    @property
    def requests(self) -> Requests:
        """What it has asked for by REST."""
        return self._changes.requests

    @property
    def is_caught_up(self) -> bool:
        """Say whether it is connected and knows what it had missed."""
        return self._deferred is None and not self._disconnected.is_set()

    async def stop(self) -> None:
        """Catch up for the last time and disconnect."""
        await self._changes.catch_up()
        self.leave()

    def leave(self) -> None:
        """Disconnect with what has been received so far."""
        for task in (self._task, self._repair):
            if task is not None:
                task.cancel()
        if self._listener is not None:
            self._listener.close()
        self._changes.close()

    async def _stay_connected(self) -> None:
        while True:
            await self._disconnected.wait()
            began = time.perf_counter()
            await asyncio.sleep(self._random.uniform(0, self._pauses.jitter))
            pause = self._pauses.first
            while not await self._connect():
                await asyncio.sleep(pause * self._random.uniform(0.5, 1))
                pause = min(2 * pause, self._pauses.longest)
            self.gap_seconds.append(time.perf_counter() - began)

    async def _connect(self) -> bool:
        if self._repair is not None:
            await self._repair
        self._disconnected.clear()
        self._payloads.clear()
        self._is_behind = False
        # Events wait from now on until what was missed is there.
        self._deferred = []
        try:
            self._listener = await Listener.connect(
                self._address,
                self._path,
                self._number,
                self._on_event,
                CONNECT_TIMEOUT_SECONDS,
                self._wishes(),
            )
        except (OSError, TimeoutError):
            return False
        self._listener.on_disconnect = self._on_disconnect
        if self._token:
            self._listener.emit("ping_user", self._token)
        if not await self._changes.catch_up():
            self._listener.close()
            return False
        if self._is_behind:
            self._begin_repair()
        else:
            self._take_deferred()
        return True

    def _begin_repair(self) -> None:
        self._deferred = self._deferred or []
        if self._repair is None or self._repair.done():
            self._repair = asyncio.create_task(self._mend())

    async def _mend(self) -> None:
        while self._is_behind:
            self._is_behind = False
            while not await self._changes.catch_up():
                await asyncio.sleep(self._pauses.first)
        self._take_deferred()

    def _take_deferred(self) -> None:
        deferred, self._deferred = self._deferred or [], None
        for model in deferred:
            self._changes.take(model)

    def _on_disconnect(self, _listener: Listener) -> None:
        self._disconnected.set()

    def _on_event(self, _listener: Listener, payload: bytes) -> None:
        if payload.startswith(TOLD_TO_CATCH_UP):
            self._is_behind = True
            if self._deferred is None:
                self._begin_repair()
            return
        kind, model = updated_model(payload) or ("", {})
        if kind != "Message" or not self._follows(model):
            return
        if payload in self._payloads:
            self.received.repeated += 1
        self._payloads.add(payload)
        if self._deferred is None:
            self._changes.take(model)
        else:
            self._deferred.append(model)

    def _wishes(self) -> bytes:
        """Return what it says when it connects."""
        if not self._room:
            return WISHES
        wishes = json.loads(WISHES) | {"rooms": True}
        return json.dumps(wishes | {"token": self._room.tokens[0]}).encode()

    def _follows(self, model: Model) -> bool:
        return not self._room or model["room_id"] == self._room.id
