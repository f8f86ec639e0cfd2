"""Ask the supervisor by XML-RPC over its unix socket."""

import http.client
import socket
import xmlrpc.client
from pathlib import Path
from typing import Any

TIMEOUT = 15.0


class _Socket(http.client.HTTPConnection):
    def __init__(self, path: str, timeout: float) -> None:
        super().__init__("localhost", timeout=timeout)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


class _Transport(xmlrpc.client.Transport):
    def __init__(self, path: str, timeout: float) -> None:
        super().__init__()
        self._path, self._timeout = path, timeout

    def make_connection(self, _host: Any) -> http.client.HTTPConnection:
        return _Socket(self._path, self._timeout)


def call(path: Path, method: str, *arguments: Any) -> Any:
    """Call a method of the supervisor that listens on a socket."""
    transport = _Transport(str(path), TIMEOUT)
    with xmlrpc.client.ServerProxy("http://localhost", transport) as proxy:
        return getattr(proxy.supervisor, method)(*arguments)
