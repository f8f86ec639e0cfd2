"""A Socket.IO client (protocol 5) over WebSocket that can only listen.

Hundreds of them share one process with whoever measures, so a frame must cost almost
nothing: it is cut out of the bytes that came and handed on as it is.
"""

import asyncio
import json
from collections.abc import Callable
from typing import cast

from mftools.bench.http_client import Address

HANDSHAKE = (
    "GET {path}/?EIO=4&transport=websocket HTTP/1.1\r\n"
    "Host: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: bWljcm9mbGFjayBiZW5jaA==\r\n\r\n"
)
TEXT, CLOSE = 1, 8
# How packets of Engine.IO begin, and those of Socket.IO inside them.
OPEN, END, PING, PONG = b"0", b"1", b"2", b"3"
CONNECT, DISCONNECT, EVENT = b"40", b"41", b"42"

# What the page says when it connects.
WISHES = b'{"batches":true}'

OnEvent = Callable[["Listener", bytes], None]


def frames(data: bytes) -> tuple[list[tuple[int, bytes]], bytes]:
    """Cut whole WebSocket frames (opcode, payload) from data; return the rest, too."""
    found = []
    at, end = 0, len(data)
    while end - at >= 2:
        length, start = data[at + 1] & 127, at + 2
        if length > 125:
            wide = 2 if length == 126 else 8
            length = int.from_bytes(data[start : start + wide], "big")
            start += wide
        if start + length > end:
            break
        if not data[at] & 128:
            raise ValueError("A frame in several parts is not expected here.")
        found.append((data[at] & 15, data[start : start + length]))
        at = start + length
    return found, data[at:]


def frame(payload: bytes, opcode: int = TEXT) -> bytes:
    """Return a frame as clients send it: masked, with a mask that changes nothing."""
    size = len(payload)
    length = bytes([128 | size]) if size < 126 else b"\xfe" + size.to_bytes(2, "big")
    return bytes([128 | opcode]) + length + bytes(4) + payload


class Listener(asyncio.Protocol):
    """One client: connects, answers pings, and hands on the events it receives."""

    def __init__(self, number: int, on_event: OnEvent, wishes: bytes = b"") -> None:
        self.number = number
        self._wishes = wishes
        self._on_event = on_event
        self._transport: asyncio.Transport | None = None
        self._received = b""
        self._upgraded = False
        self.connected: asyncio.Future[None] = (
            asyncio.get_running_loop().create_future()
        )
        self.on_disconnect: Callable[[Listener], None] = lambda listener: None

    @classmethod
    async def connect(
        cls,
        address: Address,
        path: str,
        number: int,
        on_event: OnEvent,
        timeout_seconds: float = 30,
        wishes: bytes = b"",
    ) -> "Listener":
        """Return a client that is connected to the default namespace.

        :param wishes: what it says to that, as JSON.

        Raises OSError or TimeoutError when that fails.
        """
        listener = cls(number, on_event, wishes)
        loop = asyncio.get_running_loop()
        await loop.create_connection(lambda: listener, *address)
        assert listener._transport is not None
        listener._transport.write(HANDSHAKE.format(path=path).encode())
        try:
            await asyncio.wait_for(listener.connected, timeout_seconds)
        except (OSError, TimeoutError):
            listener.close()
            raise
        return listener

    def emit(self, *event: object) -> None:
        """Send an event: its name and its arguments."""
        self._send(EVENT + json.dumps(event).encode())

    def close(self) -> None:
        """Disconnect without saying so, as a closed laptop does."""
        if self._transport is not None:
            self.on_disconnect = lambda listener: None
            self._transport.abort()

    def _send(self, payload: bytes) -> None:
        if self._transport is not None:
            self._transport.write(frame(payload))

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Note the transport: asyncio calls this first."""
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        """Handle the frames in what was received."""
        data = self._received + data if self._received else data
        if not self._upgraded:
            head, found, rest = data.partition(b"\r\n\r\n")
            if not found:
                self._received = data
                return
            self._upgraded = True
            if head.split(b" ", 2)[1] != b"101":
                self._fail(head.split(b"\r\n", 1)[0].decode())
                return
            data = rest
        found_frames, self._received = frames(data)
        for opcode, payload in found_frames:
            self._handle(opcode, payload)

    def _handle(self, opcode: int, payload: bytes) -> None:
        if opcode == TEXT and payload.startswith(EVENT):
            self._on_event(self, payload)
        elif opcode == TEXT and payload == PING:
            self._send(PONG)
        elif opcode == TEXT and payload.startswith(OPEN):
            self._send(CONNECT + self._wishes)
        elif opcode == TEXT and payload.startswith(CONNECT):
            if not self.connected.done():
                self.connected.set_result(None)
        elif opcode == CLOSE or payload in (END, DISCONNECT):
            self._leave()

    def _fail(self, why: str) -> None:
        if not self.connected.done():
            self.connected.set_exception(ConnectionError(why))
        self._leave()

    def _leave(self) -> None:
        if self._transport is not None:
            self._transport.close()

    def connection_lost(self, _error: Exception | None) -> None:
        """Report the end of the connection."""
        self._transport = None
        if not self.connected.done():
            self.connected.set_exception(ConnectionError("The connection was closed."))
        self.on_disconnect(self)
