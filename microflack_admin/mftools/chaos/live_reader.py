"""A reader who hears of changes as the page does, whatever befalls the connection."""

import asyncio
import json
from functools import partial

from mftools.bench.http_client import Address
from mftools.bench.listener import WISHES, Listener
from mftools.bench.numbered import NumberedReader

CONNECT_TIMEOUT_SECONDS, RETRY_SECONDS = 10.0, 0.2
# The event by which the server says that it could not tell everything.
MISSED = "catch_up"


class LiveReader(NumberedReader):
    """Connects again whenever the connection ends, and asks what it has missed."""

    def __init__(self, address: Address, after: int) -> None:
        super().__init__(address, after)
        self._staying: asyncio.Task[None] | None = None
        self._asking: set[asyncio.Task[None]] = set()

    def stay(self, path: str, number: int) -> None:
        """Be connected from now on."""
        self._staying = asyncio.create_task(self._stay(path, number))

    async def end(self, last: int, patience_seconds: float) -> None:
        """Wait until it has the change with this number, but not for ever; end."""
        try:
            await super().end(last, patience_seconds)
        finally:
            for task in (self._staying, *self._asking):
                if task is not None:
                    task.cancel()

    async def _stay(self, path: str, number: int) -> None:
        while True:
            ended = asyncio.Event()
            try:
                self._listener = await Listener.connect(
                    *(self._address, path, number, self._on_event),
                    CONNECT_TIMEOUT_SECONDS,
                    WISHES,
                )
            except (OSError, TimeoutError):
                await asyncio.sleep(RETRY_SECONDS)
                continue
            self._listener.on_disconnect = partial(_note_end, ended)
            self._ask_soon()
            await ended.wait()

    def _on_event(self, _listener: Listener, payload: bytes) -> None:
        if json.loads(payload[2:])[0] == MISSED:
            self._ask_soon()
        else:
            self.hear(payload)

    def _ask_soon(self) -> None:
        task = asyncio.create_task(self.catch_up())
        self._asking.add(task)
        task.add_done_callback(self._asking.discard)


def _note_end(ended: asyncio.Event, _listener: Listener) -> None:
    ended.set()
