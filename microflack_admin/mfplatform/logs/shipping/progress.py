"""What is told of the sending of logs: written by what sends, read by mfstatus."""

import json
import time
from contextlib import suppress
from pathlib import Path
from typing import TypedDict

from mfplatform.logs.shipping.queue import own_folder
from mfplatform.state.home import write_private


class Shipping(TypedDict):
    """How it stands.

    :param to: the receiver's address without a secret.
    :param waiting: bytes that it has not confirmed.
    :param away_since: since when it takes nothing, in Unix seconds; None if it does.
    :param reason: why it takes nothing.
    :param given_up: bytes that could not wait any longer, since they were too many.
    """

    to: str
    waiting: int
    away_since: int | None
    reason: str | None
    given_up: int


def write(logs: Path, found: Shipping) -> None:
    """Tell it, if that can be written."""
    with suppress(OSError):
        write_private(_file(logs), json.dumps(found))


def read(logs: Path) -> Shipping | None:
    """Return what was told last; None if nothing was."""
    try:
        found = json.loads(_file(logs).read_text(encoding="utf-8"))
        return Shipping(
            to=found["to"],
            waiting=found["waiting"],
            away_since=found["away_since"],
            reason=found["reason"],
            given_up=found["given_up"],
        )
    except (OSError, ValueError, TypeError, KeyError):
        return None


def sentence(found: Shipping, waiting: str, given_up: str) -> str:
    """Return it for people.

    :param waiting: the bytes that wait, as people read them.
    :param given_up: those that were given up.
    """
    lost = f" {given_up} could not be kept, and are lost." if found["given_up"] else ""
    if found["away_since"] is None:
        return f"Logs are sent to {found['to']}; {waiting} wait.{lost}"
    when = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(found["away_since"]))
    return (
        f"Logs are not sent: {found['to']} takes none since {when} "
        f"({found['reason']}); {waiting} wait.{lost}"
    )


def _file(logs: Path) -> Path:
    return own_folder(logs) / "state.json"
