"""Ask the monolith how it is, at the socket that only its owner reaches."""

import http.client
from pathlib import Path

from mfplatform.monolith import process
from mfplatform.state.home import Home
from mfplatform.unix_http import UnixConnection

ANSWER_TIMEOUT_SECONDS = 2.0


def socket_path(home: Home) -> Path:
    """Return the socket at which it says how it is."""
    return home.run / f"{process.RUNTIME}.sock"


def status(home: Home) -> int | None:
    """Return the status of its answer at /readyz; None if there is no answer."""
    return status_at(socket_path(home))


def status_at(path: Path) -> int | None:
    """Return the same of the server whose socket this is."""
    connection = UnixConnection(str(path), ANSWER_TIMEOUT_SECONDS)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()
