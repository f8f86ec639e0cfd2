"""How long a service waits for a client: for a body, and for an answer to be read.

A thread that waits for one client serves nobody else, and a client may send or read one
byte in a second. So the whole of each has an end, not only the time between two bytes.
"""

import contextlib
import socket
import struct
import time
from collections.abc import Iterator, Mapping
from typing import Any

# A body may take this long, and longer by what a slow line needs.
BODY_SECONDS = 10.0
SLOWEST_BYTES_PER_SECOND = 64 * 1024
# How much is read of a body that is refused anyway, in pieces.
PIECE_BYTES = 64 * 1024
MAX_DISCARDED_BYTES = 16 * 1024 * 1024
# A load balancer takes an answer at once. Whoever takes it this slowly is none.
ANSWER_SECONDS = 30.0
TOO_SLOW = "the body takes too long"


class DeadlineSocket(socket.socket):
    """The connection of a client, which is not waited for without an end.

    Gunicorn's threads use it as any other socket. ``receive_until`` is when what is
    received has to be there, on the clock of ``time.monotonic``; None means never.
    """

    receive_until: float | None = None
    # The head of an answer, while it waits for its body; None when nothing is to wait.
    _head: bytes | None = None

    @classmethod
    def take_over(cls, connection: socket.socket) -> "DeadlineSocket":
        """Return the same connection with deadlines; the other object is closed."""
        taken = cls(fileno=connection.detach())
        # What is sent by the kernel itself: the time without any progress.
        limit = struct.pack("ll", int(ANSWER_SECONDS), 0)
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, limit)
        socket.socket.setblocking(taken, True)
        return taken

    def setblocking(self, flag: bool, /) -> None:
        """Do nothing. Gunicorn switches twice for each request.

        Each time lets another thread go first. It need not: it only reads from a
        connection that has something to read.
        """

    def recv(self, bufsize: int, flags: int = 0, /) -> bytes:
        """Receive; TimeoutError when the deadline is over."""
        if self.receive_until is None:
            return super().recv(bufsize, flags)
        seconds = self.receive_until - time.monotonic()
        if seconds <= 0:
            raise TimeoutError(TOO_SLOW)
        try:
            with self._waiting(seconds):
                return super().recv(bufsize, flags)
        except TimeoutError:
            raise TimeoutError(TOO_SLOW) from None

    def hold_head(self) -> None:
        """Have the next that is sent wait for what follows it, or for ``flush``.

        Gunicorn sends the head of an answer and the body one after the other.
        """
        self._head = b""

    def flush(self) -> None:
        """Send what waits; TimeoutError when that takes too long."""
        head, self._head = self._head, None
        if head:
            self.sendall(head)

    def sendall(self, data: Any, flags: int = 0, /) -> None:
        """Send all; TimeoutError when that takes too long."""
        if self._head == b"":
            self._head = data
            return
        if self._head:
            data = self._head + data
        self._head = None
        # Nearly always there is room for all, and nothing is to be waited for.
        try:
            sent = self.send(data, flags | socket.MSG_DONTWAIT)
        except BlockingIOError:
            sent = 0
        if sent < len(data):
            with self._waiting(ANSWER_SECONDS):
                super().sendall(memoryview(data)[sent:], flags)

    def sendfile(self, *arguments: Any, **options: Any) -> int:
        """Send a file, after what waits."""
        self.flush()
        return super().sendfile(*arguments, **options)

    @contextlib.contextmanager
    def _waiting(self, seconds: float) -> Iterator[None]:
        self.settimeout(seconds)
        try:
            yield
        finally:
            if self.fileno() >= 0:
                self.settimeout(None)


def begin(environ: Mapping[str, Any], length: int | None) -> None:
    """Begin the time in which the body of a request has to come.

    :param environ: the request's WSGI environment.
    :param length: what its Content-Length says, None if it says nothing.
    """
    _set(environ, BODY_SECONDS + (length or 0) / SLOWEST_BYTES_PER_SECOND)


def discard(environ: Mapping[str, Any]) -> None:
    """Read what nobody has read of a body that is refused, within ``BODY_SECONDS``.

    Nothing is read where the stream has no end of its own, and would be waited for.
    """
    if not environ.get("wsgi.input_terminated"):
        return
    _set(environ, BODY_SECONDS)
    stream, length = environ["wsgi.input"], 0
    # TimeoutError is an OSError.
    with contextlib.suppress(OSError):
        while length < MAX_DISCARDED_BYTES:
            piece = stream.read(PIECE_BYTES)
            if not piece:
                break
            length += len(piece)


def _set(environ: Mapping[str, Any], seconds: float) -> None:
    connection = environ.get("gunicorn.socket")
    if isinstance(connection, DeadlineSocket):
        connection.receive_until = time.monotonic() + seconds
