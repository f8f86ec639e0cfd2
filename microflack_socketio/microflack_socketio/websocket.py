"""The server's end of a WebSocket (RFC 6455), the same in every async mode.

python-engineio has another library for each mode. This module takes their place: it
can write one prepared frame to many clients, it limits what a client sends, and it
offers no compression, which would cost a copy of each frame and 300 kB for each client.
"""

import socket
import struct
import threading
from base64 import b64encode
from collections.abc import Callable
from contextlib import suppress
from hashlib import sha1
from typing import Any

from wsproto.connection import Connection, ConnectionType
from wsproto.events import CloseConnection, Event, Ping, Pong, TextMessage
from wsproto.frame_protocol import CloseReason
from wsproto.utilities import LocalProtocolError

from microflack_socketio import limits

# What RFC 6455 adds to a client's key to prove that the server speaks WebSocket.
KEY_SUFFIX = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
# What the kernel keeps for a client that does not read.
SEND_BUFFER_BYTES = 128 * 1024
# What is read from a client at once.
RECEIVE_BYTES = 4096


def frame(text: str) -> bytes:
    """Return ``text`` as the frame that a server sends: whole, and not masked."""
    payload = text.encode()
    length = len(payload)
    if length < 126:
        return struct.pack("!BB", 0x81, length) + payload
    if length < 65536:
        return struct.pack("!BBH", 0x81, 126, length) + payload
    return struct.pack("!BBQ", 0x81, 127, length) + payload


class WebSocket:
    """What python-engineio reads from and writes to: ``wait``, ``send``, ``close``.

    :param sock: the connection, as the async mode knows it.
    :param raw: the same as a socket of the operating system, to write without waiting.
    :param limiter: slows the client down.
    """

    def __init__(self, sock: Any, raw: Any, limiter: limits.RateLimiter) -> None:
        # python-engineio sets the timeout of an attribute of this name.
        self.socket = sock
        self._raw = raw
        self._limiter = limiter
        self._lock = threading.Lock()
        self._parser = Connection(ConnectionType.SERVER)
        self._events = self._parser.events()
        self._fragments: list[str] = []
        self._text_length = 0
        self._raw.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)
        self._raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def wait(self) -> str | None:
        """Return the next text from the client, or None when there will be none."""
        try:
            while True:
                event = next(self._events, None)
                if event is None:
                    if not self._receive():
                        return None
                elif (text := self._handle(event)) is not None:
                    return text
        except _MustClose as must_close:
            self.close(must_close.code)
            return None
        except OSError:
            return None

    def send(self, text: str) -> None:
        """Send ``text``; raises OSError when the client has gone."""
        self._write(frame(text))

    def try_send(self, data: bytes, start_task: Callable[..., object]) -> bool:
        """Send a prepared frame without waiting; say whether it was sent.

        A frame that fits only partly counts as sent: a task sends the rest.

        :param start_task: starts a function with its arguments as a background task.
        """
        if not self._lock.acquire(blocking=False):
            return False
        try:
            sent: int = self._raw.send(data, socket.MSG_DONTWAIT)
        except BlockingIOError:
            sent = 0
        except OSError:
            # The task that reads from the connection finds out and ends it.
            sent = len(data)
        if 0 < sent < len(data):
            # Nothing comes before the rest: the lock is kept until it is sent.
            start_task(self._send_rest, data[sent:])
        else:
            self._lock.release()
        return sent > 0

    def close(self, code: int = CloseReason.NORMAL_CLOSURE) -> None:
        """Send a close frame, if that is possible at once, and end the connection."""
        # While somebody has the lock, the client does not read.
        if self._lock.acquire(blocking=False):
            with suppress(OSError, LocalProtocolError):
                close_frame = self._parser.send(CloseConnection(code))
                self._raw.send(close_frame, socket.MSG_DONTWAIT)
            self._lock.release()
        # It fails if the client was faster.
        with suppress(OSError):
            self._raw.shutdown(socket.SHUT_RDWR)

    def _receive(self) -> bool:
        data = self.socket.recv(RECEIVE_BYTES)
        if data:
            self._parser.receive_data(data)
            self._events = self._parser.events()
        return bool(data)

    def _handle(self, event: Event) -> str | None:
        if getattr(event, "frame_finished", True) and not self._limiter.admit():
            raise _MustClose(CloseReason.POLICY_VIOLATION)
        if isinstance(event, TextMessage):
            return self._collect(event)
        if isinstance(event, Ping):
            self._write(self._parser.send(event.response()))
        elif isinstance(event, CloseConnection):
            raise _MustClose(event.code)
        elif not isinstance(event, Pong):
            raise _MustClose(CloseReason.UNSUPPORTED_DATA)
        return None

    def _collect(self, event: TextMessage) -> str | None:
        self._fragments.append(event.data)
        self._text_length += len(event.data)
        if self._text_length > limits.MAX_PACKET_BYTES:
            raise _MustClose(CloseReason.MESSAGE_TOO_BIG)
        if not event.message_finished:
            return None
        text = "".join(self._fragments)
        self._fragments, self._text_length = [], 0
        if not limits.is_allowed_packet(text):
            raise _MustClose(CloseReason.INVALID_FRAME_PAYLOAD_DATA)
        return text

    def _write(self, data: bytes) -> None:
        with self._lock:
            self.socket.sendall(data)

    def _send_rest(self, rest: bytes) -> None:
        # As above: the task that reads ends the connection.
        with suppress(OSError):
            self.socket.sendall(rest)
        self._lock.release()


class _MustClose(Exception):
    """Raised when a connection has to be closed, with the code that says why."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


def handshake(key: str) -> bytes:
    """Return the answer that turns a request with this key into a WebSocket."""
    accept = b64encode(sha1((key + KEY_SUFFIX).encode()).digest())
    return (
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
        b"Connection: Upgrade\r\nSec-WebSocket-Accept: " + accept + b"\r\n\r\n"
    )
