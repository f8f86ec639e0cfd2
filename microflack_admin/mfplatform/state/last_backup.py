"""What came of the last backup, so that mfstatus can tell it.

What makes it at night has nobody who reads what it says.
"""

import json
import time
from contextlib import suppress
from pathlib import Path
from typing import TypedDict

from mfplatform.state.home import Home, write_private


class Outcome(TypedDict):
    """What came of a backup.

    ``at`` is when it ended, in Unix seconds; ``problem`` why there is none, or None.
    """

    file: str
    at: int
    problem: str | None


def record(home: Home, file: Path, problem: str | None) -> None:
    """Write down what came of one, if that can be written."""
    outcome = Outcome(file=str(file), at=int(time.time()), problem=problem)
    # A full disk is what most often ends a backup: the reason is to be told anyway.
    with suppress(OSError):
        write_private(_place(home), json.dumps(outcome))


def read(home: Home) -> Outcome | None:
    """Return what came of the last one; None if there was none."""
    try:
        found = json.loads(_place(home).read_text(encoding="utf-8"))
        return Outcome(file=found["file"], at=found["at"], problem=found["problem"])
    except (OSError, ValueError, TypeError, KeyError):
        return None


def sentence(found: Outcome | None) -> str:
    """Return it for people, "" if there was none."""
    if found is None:
        return ""
    when = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(found["at"]))
    if found["problem"]:
        return f"The last backup failed at {when}: {found['problem']}"
    return f"Last backup: {when}, {found['file']}"


def _place(home: Home) -> Path:
    return home.path / "backup.json"
