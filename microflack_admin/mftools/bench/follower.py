"""A client that follows the protocol: it listens, and after any gap it catches up.

When its connection ends it connects again and asks by REST for all changes after the
last number that it knows. Only then it takes the events that have come meanwhile. Where
changes have no numbers, it asks for what changed since the last time that it knows.
That is all that the protocol asks of a client.
"""

import asyncio
import json
import random
import time
from dataclasses import dataclass
from typing import Any

from mftools.bench import http_client
from mftools.bench.http_client import Address, Client
from mftools.bench.listener import WISHES, Listener
from mftools.bench.private_room import PrivateRoom
from mftools.bench.received_messages import Model, ReceivedMessages, updated_model
from mftools.bench.users import MESSAGES

# Clocks and commits are not exact: that much is asked for twice, and merged by id.
OVERLAP_SECONDS = 5
CONNECT_TIMEOUT_SECONDS = 10.0


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
        self._rest = Client(address, connections=1)
        self._random = random.Random(number)
        self._listener: Listener | None = None
        self._disconnected = asyncio.Event()
        self._deferred: list[Model] | None = None
        self._payloads: set[bytes] = set()
        self._since = int(time.time())
        # The number up to which all changes are known, if the service tells any.
        self._change: int | None = None
        self._task: asyncio.Task[None] | None = None
        self.received = ReceivedMessages()
        # How long it was, each time, until it was connected again and had caught up.
        self.gap_seconds: list[float] = []
        self.failed_catch_ups = 0
        self.requests = 0
        self.slowest_seconds = 0.0

    async def start(self) -> None:
        """Connect, and stay connected; raise ConnectionError if that fails at first."""
        if not await self._connect():
            raise ConnectionError("no connection to the Socket.IO service")
        self._task = asyncio.create_task(self._stay_connected())

    @property
    def is_caught_up(self) -> bool:
        """Say whether it is connected and knows what it had missed."""
        return self._deferred is None and not self._disconnected.is_set()

    async def stop(self) -> None:
        """Catch up for the last time and disconnect."""
        await self._catch_up()
        self.leave()

    def leave(self) -> None:
        """Disconnect with what has been received so far."""
        if self._task is not None:
            self._task.cancel()
        if self._listener is not None:
            self._listener.close()
        self._rest.close()

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
        self._disconnected.clear()
        self._payloads.clear()
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
        if not await self._catch_up():
            self._listener.close()
            return False
        deferred, self._deferred = self._deferred, None
        for model in deferred:
            self._take(model)
        return True

    def _on_disconnect(self, _listener: Listener) -> None:
        self._disconnected.set()

    def _on_event(self, _listener: Listener, payload: bytes) -> None:
        kind, model = updated_model(payload) or ("", {})
        if kind != "Message" or not self._follows(model):
            return
        if payload in self._payloads:
            self.received.repeated += 1
        self._payloads.add(payload)
        if self._deferred is None:
            self._take(model)
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

    def _take(self, model: Model) -> None:
        """Take what an event tells; count on if its number is the next."""
        self.received.merge(model)
        if self._change is not None and model.get("change") == self._change + 1:
            self._change += 1

    async def _catch_up(self) -> bool:
        """Ask for everything that changed since the last that is known."""
        if self._change is not None:
            pages = await self._pages(f"after={self._change}")
            told = pages[-1].get("change") if pages else None
            if told is not None and told >= self._change:
                self._change = told
                return True
        known = [one["updated_at"] for one in self.received.messages.values()]
        since = max([self._since, *known]) - OVERLAP_SECONDS
        pages = await self._pages(f"updated_since={since}")
        if pages:
            # What the first page did not know yet may be missing from the others.
            self._change = pages[0].get("change")
        return bool(pages)

    async def _pages(self, query: str) -> list[dict[str, Any]]:
        """Merge the messages of a list; return its pages, none if one is refused."""
        pages = []
        bearer = self._room.bearer if self._room else ""
        room = f"&room={self._room.id}" if self._room else ""
        path: str | None = f"{MESSAGES}?{query}{room}&limit=500"
        while path:
            request = http_client.request("GET", path, authorization=bearer)
            answer = await self._rest.send(request)
            self.requests += 1
            self.slowest_seconds = max(self.slowest_seconds, answer.seconds)
            if not answer.is_success:
                self.failed_catch_ups += 1
                return []
            pages.append(answer.document())
            for model in pages[-1]["messages"]:
                self.received.merge(model)
            path = pages[-1].get("_links", {}).get("next")
        return pages
