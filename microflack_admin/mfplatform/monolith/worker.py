"""Gunicorn's worker for the monolith: threads, for requests and for connections."""

import errno
import socket
import time
from typing import Any

from gunicorn.workers.gthread import ThreadWorker

from microflack_common.deadlines import DeadlineSocket
from microflack_common.json_errors import JSONErrors

# The head of a request has to be there after so long: nothing stands in front that
# would wait for it.
HEAD_SECONDS = 10.0


class ClientSocket(DeadlineSocket):
    """The connection of a client; one whose heads come slowly counts as gone."""

    in_head = False

    def recv(self, bufsize: int, flags: int = 0, /) -> bytes:
        """Receive; TimeoutError for a body that is too slow."""
        try:
            return super().recv(bufsize, flags)
        except TimeoutError:
            if self.in_head:
                raise ConnectionResetError(errno.ECONNRESET, "too slow") from None
            raise


class Worker(JSONErrors, ThreadWorker):  # type: ignore[misc]
    """A worker whose threads wait for no client without an end."""

    def stop_accepting(self) -> None:
        """Leave new connections to the server that takes over, if there is one."""
        # Gunicorn looks at the number again and again.
        self.worker_connections = 0
        self.method_queue.defer(lambda: None)

    def handle(self, conn: Any) -> Any:
        """Serve a request, on a connection that has deadlines."""
        if not isinstance(conn.sock, ClientSocket):
            conn.sock = ClientSocket.take_over(conn.sock)
        conn.sock.receive_until = time.monotonic() + HEAD_SECONDS
        conn.sock.in_head = True
        return super().handle(conn)

    def handle_request(self, req: Any, conn: Any) -> Any:
        """Serve a request whose head is there."""
        conn.sock.receive_until = None
        conn.sock.in_head = False
        if any(name == "UPGRADE" for name, _ in req.headers):
            # It may be held, by whoever has deadlines of their own.
            conn.sock = socket.socket(fileno=conn.sock.detach())
        return super().handle_request(req, conn)
