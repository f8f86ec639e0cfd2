"""What Prometheus finds wrong, for who is to be told: when it begins, and when it ends.

Reference: the documentation of Prometheus 2.42, "HTTP API", "Alerts".
"""

import json
from base64 import b64encode
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

from mfplatform.state import metrics
from mfplatform.state.home import Home, write_private

TIMEOUT_SECONDS = 2.0
MOST_BYTES, MOST_CHARACTERS = 1_000_000, 500
# One that has not been there for so long is over: a Prometheus that was started anew
# first finds out what it knew.
OVER_SECONDS = 120.0
BEGUN, OVER = "alert", "alert-over"
# What the caretaker sees for itself, and tells where there is no Prometheus, too.
TOLD_ANYWAY = ("DiskNearlyFull", "CertificateEnds")


class AlertsUnknown(Exception):
    """Raised when Prometheus does not tell its alerts; the text says why."""


@dataclass(frozen=True)
class Alert:
    """Something that a rule has found.

    :param key: what stays the same as long as it is so.
    :param is_firing: it has been so for as long as the rule wants.
    """

    key: str
    text: str
    is_firing: bool


@dataclass(frozen=True)
class Told:
    """An alert that was told: its text, and when it was last so (Unix seconds)."""

    text: str
    at: float


def changes(
    alerts: Iterable[Alert], told: Mapping[str, Told], now: float
) -> tuple[list[tuple[str, str]], dict[str, Told]]:
    """Return what is to be told now, as event and text, and what is told then.

    :param now: Unix seconds.
    """
    there = {one.key: one for one in alerts}
    known = {key: Told(one.text, now) for key, one in there.items() if key in told}
    begun = [one for key, one in there.items() if one.is_firing and key not in told]
    known |= {one.key: Told(one.text, now) for one in begun}
    gone = {key: one for key, one in told.items() if key not in there}
    # A clock that was set back ends nothing for ever.
    over = {k: one for k, one in gone.items() if not 0 <= now - one.at < OVER_SECONDS}
    known |= {key: one for key, one in gone.items() if key not in over}
    events = [(BEGUN, one.text) for one in begun]
    return events + [(OVER, f"Over: {one.text}") for one in over.values()], known


def ask(home: Home) -> list[Alert]:
    """Return the alerts that there are; raise AlertsUnknown."""
    login = b64encode(metrics.login(home).encode()).decode()
    connection = HTTPConnection(metrics.address(home), timeout=TIMEOUT_SECONDS)
    try:
        headers = {"Authorization": f"Basic {login}"}
        connection.request("GET", "/api/v1/alerts", headers=headers)
        answer = connection.getresponse()
        body = answer.read(MOST_BYTES)
    except (OSError, HTTPException) as error:
        raise AlertsUnknown(f"it does not answer: {error}") from error
    finally:
        connection.close()
    if answer.status != 200:
        raise AlertsUnknown(f"it answers {answer.status}")
    return parse(body)


def parse(body: bytes) -> list[Alert]:
    """Return the alerts of an answer; raise AlertsUnknown if it makes no sense."""
    try:
        found = [_alert(one) for one in json.loads(body)["data"]["alerts"]]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise AlertsUnknown("its answer makes no sense") from error
    return [one for one in found if not one.key.startswith(TOLD_ANYWAY)]


def _alert(found: Mapping[str, Any]) -> Alert:
    labels = dict(found["labels"])
    name = str(labels.pop("alertname"))
    about = found["annotations"].get("summary") or json.dumps(labels, sort_keys=True)
    text = f"{name}: {' '.join(str(about).split())}"[:MOST_CHARACTERS]
    key = f"{name} {json.dumps(labels, sort_keys=True)}"
    return Alert(key, text, found["state"] == "firing")


class AlertWatch:
    """Asks, and remembers in a file what was told, so that nothing is told twice."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._new: dict[str, Told] | None = None

    @property
    def _file(self) -> Path:
        return self._home.path / "caretaker" / "alerts.json"

    def look(self, now: float) -> list[tuple[str, str]]:
        """Return what is to be told now, as event and text; raise AlertsUnknown.

        It is asked for again until ``remember`` is called.
        """
        self._new = None
        before = self._told()
        events, told = changes(ask(self._home), before, now)
        if told != before:
            self._new = told
        return events

    def remember(self) -> None:
        """Take what was returned for told; whoever dies before that tells it again."""
        if self._new is not None:
            stored = {key: asdict(one) for key, one in self._new.items()}
            write_private(self._file, json.dumps(stored))
            self._new = None

    def _told(self) -> dict[str, Told]:
        try:
            found = json.loads(self._file.read_text(encoding="utf-8"))
            return {
                key: Told(str(one["text"]), float(one["at"]))
                for key, one in found.items()
            }
        except (OSError, ValueError, AttributeError, TypeError, KeyError):
            return {}
