"""Whether there is a page /status for operators, and where it listens.

Needs nothing but Python itself, since it runs before the tools are installed.
"""

import http.client
from collections.abc import Iterable, Mapping
from pathlib import Path

from mfplatform.state import page_sockets
from mfplatform.state.asked_settings import settled
from mfplatform.state.home import Home, PlatformError
from mfplatform.unix_http import UnixConnection

PART = "status"
SETTING = "MF_STATUS"
ON, OFF = "on", "off"
ANSWER_TIMEOUT_SECONDS = 2.0


def settle(recorded: Mapping[str, str], environ: Mapping[str, str]) -> dict[str, str]:
    """Return what was asked for, or else what is recorded; nothing if neither is.

    :param environ: has what was asked for.
    :raises ValueError: it is neither on nor off.
    """
    wanted = settled((SETTING,), recorded, environ)
    if wanted.get(SETTING, OFF) not in (ON, OFF):
        raise ValueError(f"{SETTING} must be {ON} or {OFF}, not '{wanted[SETTING]}'")
    return wanted


def check(wanted: Mapping[str, str], runtime: str, parts: Iterable[str]) -> None:
    """Refuse the page where nobody can serve it.

    :param parts: the names of the parts that the runtime runs.
    :raises PlatformError: none of them serves it.
    """
    if wanted.get(SETTING) == ON and PART not in parts:
        raise PlatformError(
            f"the runtime '{runtime}' has no page /status. Look with mftop: "
            f"{SETTING}={OFF} mfup"
        )


def is_wanted(home: Home) -> bool:
    """Tell whether there is to be one."""
    return home.settings.get(SETTING) == ON


def socket(home: Home) -> Path:
    """Return where it listens: a socket that only the platform's own user reaches."""
    return page_sockets.folder(home) / "status.sock"


def answers(home: Home) -> bool:
    """Tell whether it works."""
    connection = UnixConnection(str(socket(home)), ANSWER_TIMEOUT_SECONDS)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
