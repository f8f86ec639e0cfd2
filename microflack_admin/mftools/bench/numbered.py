"""A reader that goes by the numbers of changes, as the page does.

It takes a change when its number is the next one. When a later one comes it waits for a
moment, then asks what came after the last one that it has.
"""

import asyncio

from mftools.bench import http_client
from mftools.bench.http_client import Address, Client
from mftools.bench.listener import Listener
from mftools.bench.received_messages import Model, updated_model
from mftools.bench.users import MESSAGES

# What the page waits for a number that is missing.
GAP_SECONDS = 0.3
POLL_SECONDS = 0.05
PAGE_SIZE = 500


class NumberedReader:
    """One reader; ``taken`` holds what it took, in its order."""

    def __init__(
        self, address: Address, after: int, gap_seconds: float = GAP_SECONDS
    ) -> None:
        self._address = address
        self._client = Client(address, connections=1)
        self._last = after
        self._gap_seconds = gap_seconds
        self._waiting: dict[int, Model] = {}
        self._listener: Listener | None = None
        self._task: asyncio.Task[None] | None = None
        self.taken: list[Model] = []

    async def listen(self, path: str, number: int) -> None:
        """Take events, and ask only for what is missing between them."""
        self._listener = await Listener.connect(
            self._address, path, number, lambda _listener, payload: self.hear(payload)
        )

    def poll(self) -> None:
        """Ask again and again, and hear of nothing."""
        self._task = asyncio.create_task(self._ask_for_ever())

    async def end(self, last: int, patience_seconds: float) -> None:
        """Wait until it has the change with this number, but not for ever; end."""
        try:
            async with asyncio.timeout(patience_seconds):
                while self._last < last:
                    await asyncio.sleep(POLL_SECONDS)
        except TimeoutError:
            # What it lacks is lost.
            pass
        finally:
            if self._task is not None:
                self._task.cancel()
            if self._listener is not None:
                self._listener.close()
            self._client.close()

    def hear(self, payload: bytes) -> None:
        """Take an event, if it is the next one."""
        kind, model = updated_model(payload) or ("", {})
        if kind != "Message":
            return
        self._waiting[model["change"]] = model
        self._take_next()
        if self._waiting and (self._task is None or self._task.done()):
            self._task = asyncio.create_task(self._fill_gap())

    async def catch_up(self) -> None:
        """Ask until nothing has come after what it has."""
        while not await self._ask():
            pass

    def _take_next(self) -> None:
        while (model := self._waiting.pop(self._last + 1, None)) is not None:
            self._take(model)

    def _take(self, model: Model) -> None:
        self._last = model["change"]
        self.taken.append(model)

    async def _fill_gap(self) -> None:
        await asyncio.sleep(self._gap_seconds)
        while self._waiting:
            await self._ask()

    async def _ask_for_ever(self) -> None:
        while True:
            await self._ask()
            await asyncio.sleep(POLL_SECONDS)

    async def _ask(self) -> bool:
        """Take what came after the last one; tell whether that was all."""
        path = f"{MESSAGES}?after={self._last}&limit={PAGE_SIZE}"
        answer = await self._client.send(http_client.request("GET", path))
        if not answer.is_success:
            await asyncio.sleep(POLL_SECONDS)
            return False
        models = answer.document()["messages"]
        for model in models:
            # Events may have been quicker.
            if model["change"] > self._last:
                self._take(model)
        self._waiting = {n: m for n, m in self._waiting.items() if n > self._last}
        self._take_next()
        return len(models) < PAGE_SIZE
