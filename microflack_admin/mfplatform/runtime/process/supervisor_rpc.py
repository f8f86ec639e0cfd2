"""Ask the supervisor by XML-RPC over its unix socket."""

import http.client
import xmlrpc.client
from pathlib import Path
from typing import Any

from mfplatform.unix_http import UnixConnection

TIMEOUT = 15.0


class _Transport(xmlrpc.client.Transport):
    def __init__(self, path: str, timeout: float) -> None:
        super().__init__()
        self._path, self._timeout = path, timeout

    def make_connection(self, _host: Any) -> http.client.HTTPConnection:
        return UnixConnection(self._path, self._timeout)


def call(path: Path, method: str, *arguments: Any) -> Any:
    """Call a method of the supervisor that listens on a socket."""
    transport = _Transport(str(path), TIMEOUT)
    with xmlrpc.client.ServerProxy("http://localhost", transport) as proxy:
        return getattr(proxy.supervisor, method)(*arguments)
