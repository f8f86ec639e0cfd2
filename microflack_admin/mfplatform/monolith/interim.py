"""Tell a client that waits that its answer is still to come.

A load balancer gives up when it has heard nothing for a minute, and so do some clients.
An interim answer may be sent at any time and as often as one likes (RFC 9110, 15.2).
It is 100: that one everybody skips, also who has not asked for it.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from wsgiref.types import WSGIEnvironment

# Less than what services wait for an answer of another one.
PERIOD_SECONDS = 10.0
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
# The connection, as Gunicorn gives it to applications.
SOCKET = "gunicorn.socket"

_outer = threading.local()


@contextmanager
def to(environ: WSGIEnvironment) -> Iterator[None]:
    """Have this be the client that waits, whatever this thread asks meanwhile."""
    before = getattr(_outer, "environ", None)
    _outer.environ = before or environ
    try:
        yield
    finally:
        _outer.environ = before


class Interim:
    """Tells the client of a request, or of the one that has led to it.

    :param period_seconds: between two interim answers.
    """

    def __init__(
        self, environ: WSGIEnvironment, period_seconds: float = PERIOD_SECONDS
    ) -> None:
        self._environ = getattr(_outer, "environ", None) or environ
        self._period = period_seconds
        self._next = time.monotonic() + period_seconds

    def tell(self) -> None:
        """Send an interim answer if it is time for one; nothing of it has to arrive."""
        if time.monotonic() < self._next:
            return
        self._next = time.monotonic() + self._period
        connection = self._environ.get(SOCKET)
        # Older clients know none.
        if connection and self._environ.get("SERVER_PROTOCOL") == "HTTP/1.1":
            with suppress(OSError):
                connection.sendall(CONTINUE)
