"""How far a move has come, written down for whoever goes on after an interruption."""

import fcntl
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import IO

from mfplatform.state.home import Home, PlatformError, write_private

FOLDER = "moving"
# Whoever looks whether a mover is at work has its lock for a moment.
LOCK_SECONDS = 2.0
POLL_SECONDS = 0.02


class Stage(StrEnum):
    """What has been begun, and is true until the next one is written down."""

    # The database is the mover's: what is in it may be replaced.
    COPYING = "copying"
    # The monolith is told to go on without the service, or has been.
    LEAVING = "leaving"
    # All is equal. Nothing is ever copied again: an instance may have written since.
    MOVED = "moved"


class Progress:
    """What is written down of one move.

    :param name: what is moved.
    :param source: the monolith's MF_HOME.
    """

    def __init__(self, home: Home, name: str, source: Path) -> None:
        self.name, self.source = name, source
        self._file = home.path / FOLDER / f"{name}.json"

    @property
    def stage(self) -> Stage | None:
        """How far it has come; None if nothing was begun.

        :raises PlatformError: it was begun from another monolith.
        """
        try:
            found = _read(self._file)
        except FileNotFoundError:
            return None
        if found["from"] != str(self.source):
            raise PlatformError(
                f"{self.name} comes to this platform from {found['from']}, not from "
                f"{self.source}. Nothing was changed: a platform with another MF_HOME "
                "can take the other one"
            )
        return Stage(found["stage"])

    def write(self, stage: Stage) -> None:
        """Write down how far it is."""
        told = {"stage": stage, "from": str(self.source)}
        write_private(self._file, json.dumps(told))

    @property
    def is_under_way(self) -> bool:
        """Whether a mover is at it at this moment."""
        try:
            with open(self._file.with_suffix(".lock")) as own:
                return not _take(own)
        except FileNotFoundError:
            return False

    @contextmanager
    def locked(self) -> Iterator[int]:
        """Let one mover in; yield what whoever it starts is to hold, too.

        What an interrupted mover has started ends by itself: that is waited for.

        :raises PlatformError: another one is at it.
        """
        self._file.parent.mkdir(mode=0o700, exist_ok=True)
        end = time.monotonic() + LOCK_SECONDS
        with (
            open(self._file.with_suffix(".lock"), "w") as own,
            open(self._file.with_suffix(".started.lock"), "w") as started,
        ):
            while not _take(own):
                if time.monotonic() > end:
                    raise PlatformError(
                        f"{self.name} is being moved at this moment: wait until that "
                        "ends"
                    )
                time.sleep(POLL_SECONDS)
            fcntl.flock(started, fcntl.LOCK_EX)
            yield started.fileno()


def begun(home: Home) -> list[Progress]:
    """Return all moves to a home that were begun, those that have ended, too."""
    files = sorted((home.path / FOLDER).glob("*.json"))
    return [Progress(home, one.stem, Path(_read(one)["from"])) for one in files]


def _read(file: Path) -> dict[str, str]:
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
        return {name: str(found[name]) for name in ("stage", "from")}
    except (ValueError, KeyError, TypeError):
        raise PlatformError(
            f"{file} is damaged, so nobody knows how far a move has come. Put back a "
            "copy of it"
        ) from None


def _take(lock: IO[str]) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
