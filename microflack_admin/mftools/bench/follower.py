"""A client that follows the protocol: it listens, and after any gap it catches up.

It connects again when its connection ends, asks by REST for all that changed after the
last number that it knows, and only then takes what it heard in the meantime. Where
changes have no numbers, it asks for what changed since the last that it knows. Nothing
else is asked of a client.
"""

import asyncio
import json
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from mftools.bench import http_client
from mftools.bench.http_client import Address, Client
from mftools.bench.listener import Listener
from mftools.bench.users import MESSAGES

# Seconds: the first pause before connecting again, and the longest.
PAUSE, LONGEST_PAUSE = 0.1, 1.0
# Clocks and commits are not exact: that much is asked for twice, and merged by id.
OVERLAP = 5
PATIENCE = 10.0

Model = dict[str, Any]


@dataclass
class Notebook:
    """What one client has of the conversation: messages by id, in the order of arrival.

    ``repeated`` counts events that arrived twice over one connection.
    """

    messages: dict[int, Model] = field(default_factory=dict)
    repeated: int = 0

    def take(self, model: Model) -> None:
        """Merge a message, new or changed; an older state never replaces a newer."""
        known = self.messages.get(model["id"])
        if known is None or known["updated_at"] <= model["updated_at"]:
            self.messages[model["id"]] = model


class Follower:
    """One client, for as long as it is wanted."""

    def __init__(self, address: Address, path: str, number: int) -> None:
        self._address = address
        self._path = path
        self._number = number
        self._rest = Client(address, connections=1)
        self._random = random.Random(number)
        self._listener: Listener | None = None
        self._lost = asyncio.Event()
        self._waiting: list[Model] | None = None
        self._heard_here: set[bytes] = set()
        self._since = int(time.time())
        # The number up to which all changes are known, if the service tells any.
        self._change: int | None = None
        self._task: asyncio.Task[None] | None = None
        self.notebook = Notebook()
        # Seconds without a connection on which everything had been caught up.
        self.gaps: list[float] = []
        self.failed_catch_ups = 0

    async def start(self) -> None:
        """Connect for the first time, and go on from there."""
        if not await self._connect():
            raise ConnectionError("no connection to the Socket.IO service")
        self._task = asyncio.create_task(self._stay())

    async def stop(self) -> None:
        """Catch up for the last time and leave."""
        if self._task is not None:
            self._task.cancel()
        await self._catch_up()
        if self._listener is not None:
            self._listener.close()
        self._rest.close()

    async def _stay(self) -> None:
        while True:
            await self._lost.wait()
            began = time.perf_counter()
            pause = PAUSE
            while not await self._connect():
                await asyncio.sleep(pause * self._random.uniform(0.5, 1))
                pause = min(2 * pause, LONGEST_PAUSE)
            self.gaps.append(time.perf_counter() - began)

    async def _connect(self) -> bool:
        self._lost.clear()
        self._heard_here.clear()
        # What is heard from now on waits until what was missed is there.
        self._waiting = []
        try:
            self._listener = await Listener.connect(
                self._address, self._path, self._number, self._heard, PATIENCE
            )
        except (OSError, TimeoutError):
            return False
        self._listener.lost = self._ended
        if not await self._catch_up():
            self._listener.close()
            return False
        waiting, self._waiting = self._waiting, None
        for model in waiting:
            self.notebook.take(model)
        return True

    def _ended(self, _listener: Listener) -> None:
        self._lost.set()

    def _heard(self, _listener: Listener, payload: bytes) -> None:
        name, *arguments = json.loads(payload[2:])
        if name != "updated_model" or arguments[0]["class"] != "Message":
            return
        if payload in self._heard_here:
            self.notebook.repeated += 1
        self._heard_here.add(payload)
        model = arguments[0]["model"]
        if self._waiting is None:
            self.notebook.take(model)
        else:
            self._waiting.append(model)

    async def _catch_up(self) -> bool:
        """Ask for everything that changed since the last that is known."""
        if self._change is not None:
            pages = await self._pages(f"{MESSAGES}?after={self._change}&limit=500")
            told = pages[-1].get("change") if pages else None
            if told is not None and told >= self._change:
                self._change = told
                return True
        known = [one["updated_at"] for one in self.notebook.messages.values()]
        since = max([self._since, *known]) - OVERLAP
        pages = await self._pages(f"{MESSAGES}?updated_since={since}&limit=500")
        if pages:
            # What the first page did not know yet may be missing from the others.
            self._change = pages[0].get("change")
        return bool(pages)

    async def _pages(self, path: str | None) -> list[dict[str, Any]]:
        """Take the messages of a list, page by page; none if one is refused."""
        pages = []
        while path:
            answer = await self._rest.send(http_client.request("GET", path))
            if not answer.good:
                self.failed_catch_ups += 1
                return []
            pages.append(answer.document())
            for model in pages[-1]["messages"]:
                self.notebook.take(model)
            path = pages[-1].get("_links", {}).get("next")
        return pages


async def gather(
    address: Address, path: str, size: int, say: Callable[[str], None]
) -> list[Follower]:
    """Return some followers that are connected."""
    say(f"  {size} clients connect")
    followers = [Follower(address, path, number) for number in range(size)]
    await asyncio.gather(*(one.start() for one in followers))
    return followers
