"""Whether figures are gathered and kept, and what its parts have to know about that.

Needs nothing but Python itself, since it runs before the tools are installed.
"""

import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from mfplatform.state import page_sockets
from mfplatform.state.asked_settings import asked_for
from mfplatform.state.home import Home, PlatformError

PART = "prometheus"
SETTING, PORT = "MF_METRICS", "PROMETHEUS_PORT"
ON, OFF = "on", "off"
# Who may see figures: as for all that operators see.
USER = "admin"


def asked(found: Mapping[str, str], environ: Mapping[str, str]) -> str:
    """Return whether figures are wanted: what is asked for, or else recorded.

    :param found: what is recorded.
    :param environ: what mfup was told, as MF_ASKED_METRICS.
    :raises ValueError: it is neither on nor off.
    """
    wanted = asked_for(SETTING, environ) or found.get(SETTING, OFF)
    if wanted not in (ON, OFF):
        raise ValueError(f"{SETTING} takes {ON} or {OFF}, not '{wanted}'")
    return wanted


def check(wanted: str, runtime: str, parts: Iterable[str]) -> None:
    """Refuse to gather figures where nobody can.

    :param parts: the names of the parts that the runtime runs.
    :raises PlatformError: it runs no Prometheus.
    """
    if wanted == ON and PART not in parts:
        raise PlatformError(
            f"the runtime '{runtime}' runs no Prometheus: mfup --no-metrics. Your own "
            "may ask HAProxy and the services (docs/operate.md)"
        )


def record(home: Home) -> None:
    """Record what mfup was told, once what it needs is installed."""
    wanted = asked(home.settings, os.environ)
    if wanted == ON or SETTING in home.settings:
        home.record(**{SETTING: wanted})


def is_on(home: Home) -> bool:
    """Tell whether figures are gathered."""
    return home.settings.get(SETTING, OFF) == ON


def socket(home: Home) -> Path:
    """Return the socket at which the load balancer asks for the platform's figures."""
    return page_sockets.folder(home) / "metrics.sock"


def folder(home: Home) -> Path:
    """Return what Prometheus keeps, and is started with."""
    return home.path / PART


def address(home: Home) -> str:
    """Return where Prometheus listens, HOST:PORT: for this machine only."""
    return f"127.0.0.1:{home.settings[PORT]}"


def login(home: Home) -> str:
    """Return the name and password that figures are shown for, NAME:PASSWORD."""
    return f"{USER}:{home.secrets['STATS_PASSWORD']}"
