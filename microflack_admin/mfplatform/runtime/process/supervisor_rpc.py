"""Ask the supervisor by XML-RPC over its unix socket."""

import http.client
import xmlrpc.client
from pathlib import Path
from typing import Any

from mfplatform.state.home import PlatformError
from mfplatform.unix_http import UnixConnection

# One that has died is noticed at once. A single thread does all that is asked of it,
# which takes long on a busy machine.
TIMEOUT_SECONDS = 60.0
# What the supervisor says it could not do.
UNKNOWN_NAME = 10
NOT_RUNNING = 70
STILL_RUNNING = 91


class SupervisorError(PlatformError):
    """Raised when the supervisor does not do what it is asked.

    ``code`` is what it says about why, 0 when it does not answer.
    """

    def __init__(self, text: str, code: int = 0) -> None:
        super().__init__(text)
        self.code = code


class _Transport(xmlrpc.client.Transport):
    def __init__(self, path: str, timeout: float) -> None:
        super().__init__()
        self._path, self._timeout = path, timeout

    def make_connection(self, _host: Any) -> http.client.HTTPConnection:
        return UnixConnection(self._path, self._timeout)


def call(path: Path, method: str, *arguments: Any) -> Any:
    """Call a method of the supervisor that listens on a socket."""
    transport = _Transport(str(path), TIMEOUT_SECONDS)
    try:
        with xmlrpc.client.ServerProxy("http://localhost", transport) as proxy:
            return getattr(proxy.supervisor, method)(*arguments)
    except xmlrpc.client.Fault as fault:
        text = f"the supervisor refuses {method}: {fault.faultString}"
        raise SupervisorError(text, fault.faultCode) from fault
    except (OSError, http.client.HTTPException, xmlrpc.client.Error) as error:
        raise SupervisorError(f"the supervisor does not answer: {error}") from error
