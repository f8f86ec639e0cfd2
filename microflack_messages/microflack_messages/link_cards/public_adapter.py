"""Connect to public addresses only, and not for longer than a deadline.

A name is looked up once: the address that was checked is the one that is connected to,
so a name that changes its address in between gains nothing.
"""

import logging
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import ip_address
from typing import Any

from requests import PreparedRequest
from requests_hardened.ip_filter import InvalidIPAddress
from requests_hardened.ip_filter_adapter import IPFilterAdapter

logger = logging.getLogger(__name__)


class DeadlineExceeded(OSError):
    """Raised instead of connecting when the time is over."""


class Deadline:
    """Closes the connections of one fetch when its time is over.

    :param timeout_seconds: the time that the fetch has.
    """

    def __init__(self, timeout_seconds: float) -> None:
        self._lock = threading.Lock()
        self._sockets: list[socket.socket] = []
        self._over = False
        self._timer = threading.Timer(timeout_seconds, self._cut)
        self._timer.daemon = True

    @property
    def is_over(self) -> bool:
        """Say whether the time was over before the fetch was."""
        return self._over

    @contextmanager
    def running(self) -> Iterator["Deadline"]:
        """Let the time run while the block does."""
        self._timer.start()
        try:
            yield self
        finally:
            self._timer.cancel()
            with self._lock:
                for sock in self._sockets:
                    sock.close()
                self._sockets.clear()

    def watch(self, sock: socket.socket) -> None:
        """Take note of a new connection; raise DeadlineExceeded if the time is over."""
        with self._lock:
            if self._over:
                raise DeadlineExceeded
            # A second handle on it: TLS takes the first one away.
            self._sockets.append(sock.dup())

    def _cut(self) -> None:
        with self._lock:
            self._over = True
            for sock in self._sockets:
                try:
                    sock.shutdown(socket.SHUT_RDWR)
                except OSError:
                    logger.debug("The connection was gone already")


class PublicAdapter(IPFilterAdapter):
    """Connects to public addresses only, and only until the deadline."""

    def __init__(self, https: bool, local: bool, deadline: Deadline) -> None:
        super().__init__(is_https_proto=https, allow_loopback=local)
        self._deadline = deadline

    def build_connection_pool_key_attributes(
        self, request: PreparedRequest, verify: Any, cert: Any = None
    ) -> Any:
        """Return what a connection is kept for; raise InvalidIPAddress."""
        host, pool = super().build_connection_pool_key_attributes(request, verify, cert)
        address = ip_address(host["host"].strip("[]"))
        # The inherited filter lets these pass, which nobody uses today.
        if not address.is_loopback and (
            address.is_reserved or getattr(address, "is_site_local", False)
        ):
            raise InvalidIPAddress(address)
        return host, pool

    def get_connection_with_tls_context(self, *args: Any, **options: Any) -> Any:
        """Return the connections to a host, each watched from its first byte on."""
        pool = super().get_connection_with_tls_context(*args, **options)
        deadline = self._deadline

        class Watched(pool.ConnectionCls):
            def _new_conn(self) -> socket.socket:
                sock: socket.socket = super()._new_conn()
                deadline.watch(sock)
                return sock

        pool.ConnectionCls = Watched
        return pool
