"""How far a move has come, written down for whoever goes on after an interruption."""

import fcntl
import json
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path

from mfplatform.state.home import Home, PlatformError, write_private


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
        self._name, self._source = name, source
        self._file = home.path / "moving" / f"{name}.json"

    @property
    def stage(self) -> Stage | None:
        """How far it has come; None if nothing was begun.

        :raises PlatformError: it was begun from another monolith.
        """
        try:
            found = json.loads(self._file.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        if found["from"] != str(self._source):
            raise PlatformError(
                f"{self._name} comes to this platform from {found['from']}, not from "
                f"{self._source}. Nothing was changed: a platform with another MF_HOME "
                "can take the other one"
            )
        return Stage(found["stage"])

    def write(self, stage: Stage) -> None:
        """Write down how far it is."""
        told = {"stage": stage, "from": str(self._source)}
        write_private(self._file, json.dumps(told))

    @contextmanager
    def locked(self) -> Iterator[int]:
        """Let one mover in; yield what whoever it starts is to hold, too.

        What an interrupted mover has started ends by itself: that is waited for.

        :raises PlatformError: another one is at it.
        """
        self._file.parent.mkdir(mode=0o700, exist_ok=True)
        with (
            open(self._file.with_suffix(".lock"), "w") as own,
            open(self._file.with_suffix(".started.lock"), "w") as started,
        ):
            try:
                fcntl.flock(own, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise PlatformError(
                    f"{self._name} is being moved at this moment: wait until that ends"
                ) from None
            fcntl.flock(started, fcntl.LOCK_EX)
            yield started.fileno()
