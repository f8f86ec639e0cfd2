"""Gunicorn's worker with threads, for a service: ``ThreadedWorker``."""

from typing import Any

from gunicorn.workers.gthread import ThreadWorker

from microflack_common.deadlines import DeadlineSocket
from microflack_common.json_errors import JSONErrors
from microflack_common.loading import EndsWhileLoading


class ThreadedWorker(EndsWhileLoading, JSONErrors, ThreadWorker):  # type: ignore[misc]
    """A worker whose threads wait for no client without an end."""

    def handle(self, conn: Any) -> Any:
        """Serve a request, on a connection that has deadlines."""
        if not isinstance(conn.sock, DeadlineSocket):
            conn.sock = DeadlineSocket.take_over(conn.sock)
        conn.sock.receive_until = None
        conn.sock.hold_head()
        stays = super().handle(conn)
        try:
            conn.sock.flush()
        except OSError:
            # The client has gone.
            return False
        return stays
