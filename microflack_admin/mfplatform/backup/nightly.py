"""Make a backup each night, keep the last ones, and nothing else of the folder.

Called again and again by a loop that is there already. What it made is written down:
files of others are never touched, and what was missed is made up for.
"""

import json
import logging
import os
import subprocess
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from mfplatform.backup import passphrase
from mfplatform.state import last_backup, nightly
from mfplatform.state.home import Home, write_private
from mfplatform.state.nightly import Attempt, Plan

log = logging.getLogger(__name__)

LOOK_SECONDS = 20.0
NAME = "microflack-%Y-%m-%d-%H%M%S.mfbackup"


@dataclass(frozen=True)
class Made:
    """The last one that was begun, and all that are there, the oldest first."""

    begun: float
    file: str
    is_whole: bool
    files: tuple[str, ...] = ()


class Nightly:
    """Makes backups of one platform while ``look`` is called, without holding it up.

    :param pause_seconds: between two looks at the clock, and before the first one:
        what is to be backed up may be starting as well.
    :param variables: of the environment, which the command is given besides.
    """

    def __init__(
        self,
        home: Home,
        pause_seconds: float = LOOK_SECONDS,
        variables: Sequence[str] = (),
    ) -> None:
        self._home = home
        self._variables = variables
        self._pause_seconds = pause_seconds
        self._process: subprocess.Popen[bytes] | None = None
        self._looked_at = time.monotonic()

    def look(self) -> None:
        """Begin one if it is due, or see what came of one.

        :raises OSError: that cannot be written down, and none was begun.
        """
        if self._process is not None and self._process.poll() is None:
            return
        is_new = time.monotonic() - self._looked_at < self._pause_seconds
        if self._process is None and is_new:
            return
        self._looked_at = time.monotonic()
        if (plan := nightly.plan(self._home.settings)) is None:
            self._process = None
            return
        made = self._completed(plan, read(self._home))
        attempt = None if made is None else Attempt(made.begun, made.is_whole)
        if nightly.is_due(attempt, time.time(), plan.at):
            self._begin(plan, () if made is None else made.files)

    def _begin(self, plan: Plan, files: Sequence[str]) -> None:
        now = time.time()
        file = plan.folder / time.strftime(NAME, time.localtime(now))
        if file.exists():
            # A clock that was put back: the next look finds another name.
            return
        _write(self._home, Made(now, str(file), False, tuple(files)))
        log.info("Making the backup %s", file)
        self._process = subprocess.Popen(
            _command(plan, file),
            env=_environment(self._home, plan, self._variables),
            stdin=subprocess.DEVNULL,
        )

    def _completed(self, plan: Plan, made: Made | None) -> Made | None:
        """See what came of the last one, also if whoever began it is gone."""
        process, self._process = self._process, None
        if made is None or made.is_whole:
            return made
        if Path(made.file).is_file():
            # It has its name when it is complete, and not before.
            files = _pruned((*made.files, made.file), plan.keep)
            made = replace(made, is_whole=True, files=files)
            _write(self._home, made)
        elif process is not None:
            _tell_failure(self._home, made, process.returncode)
        return made


def read(home: Home) -> Made | None:
    """Return what is written down; None if nothing is."""
    try:
        found = json.loads(_place(home).read_text(encoding="utf-8"))
        return Made(**found | {"files": tuple(found["files"])})
    except (OSError, ValueError, TypeError, KeyError):
        return None


def _place(home: Home) -> Path:
    return home.path / "nightly.json"


def _write(home: Home, made: Made) -> None:
    write_private(_place(home), json.dumps(asdict(made)))


def _command(plan: Plan, file: Path) -> list[str | Path]:
    program = Path(os.environ["MF_ADMIN"]) / "bin" / "mfbackup"
    return [program, file, *([] if plan.passphrase_file else ["--no-secrets"])]


def _environment(home: Home, plan: Plan, more: Sequence[str]) -> dict[str, str]:
    """Return what the command is given: nothing of what its caller alone is to know."""
    kept = ("PATH", "HOME", "LANG", *more)
    own = {name: os.environ[name] for name in kept if name in os.environ}
    own |= {"MF_HOME": str(home.path), "MF_THROUGH": nightly.FOLDER}
    if plan.passphrase_file:
        own[passphrase.VARIABLE] = plan.passphrase_file
    return own


def _pruned(files: Sequence[str], keep: int) -> tuple[str, ...]:
    """Delete the oldest of our own files; return those that are left."""
    left = list(files[-keep:])
    for file in files[:-keep]:
        try:
            Path(file).unlink(missing_ok=True)
        except OSError as error:
            log.warning("%s cannot be deleted: %s", file, error)
            left.insert(0, file)
    return tuple(left)


def _tell_failure(home: Home, made: Made, status: int) -> None:
    """Have a failure known that the command itself could not write down."""
    found = last_backup.read(home)
    if found is None or found["file"] != made.file:
        with suppress(OSError):
            why = f"mfbackup ended with {status}. Why, is in: mflogs"
            last_backup.record(home, Path(made.file), why)
