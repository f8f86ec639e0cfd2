"""Backups by night: what was asked for, and when the next one is due.

Needs nothing but Python itself, since it runs before the tools are installed.
"""

import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from datetime import time as clock_time
from pathlib import Path
from typing import Any

from mfplatform.backup import passphrase
from mfplatform.state import disk, last_backup
from mfplatform.state.asked_settings import asked_for
from mfplatform.state.home import Home, PlatformError
from mfplatform.state.last_backup import Outcome

Settings = dict[str, str]

FOLDER, AT, KEEP = "MF_BACKUP", "MF_BACKUP_AT", "MF_BACKUP_KEEP"
# Under a name of its own: a person's mfbackup takes the one that the person names.
PASSPHRASE_FILE = "NIGHTLY_PASSPHRASE_FILE"
DEFAULT_AT, DEFAULT_KEEP, MOST_KEPT = "03:00", "7", 1000
# No more backups by night.
NONE = "none"
# What failed, or was interrupted, is tried again then.
RETRY_SECONDS = 3600.0
DAY_SECONDS = 86_400
OLD_SECONDS = 2 * DAY_SECONDS
OLD = "The last backup is more than two days old"


@dataclass(frozen=True)
class Plan:
    """Where a backup is made each night, at what time here, and how many are kept.

    :param passphrase_file: what encrypts the secrets; "" leaves them out.
    """

    folder: Path
    at: clock_time
    keep: int
    passphrase_file: str


@dataclass(frozen=True)
class Attempt:
    """The last backup by night: its begin in Unix seconds, and whether it is whole."""

    begun: float
    is_whole: bool


def next_time(after: float, at: clock_time) -> float:
    """Return the first moment after another at which clocks here show a time.

    A time that is left out as summer begins is an hour later in that night; of one that
    comes twice as summer ends, the first counts.

    :param after: Unix seconds, like what is returned.
    """
    day = datetime.fromtimestamp(after).date()
    # A clock that is put back can show it a second time on that day.
    while (found := datetime.combine(day, at).timestamp()) <= after:
        day += timedelta(days=1)
    return found


def is_due(last: Attempt | None, now: float, at: clock_time) -> bool:
    """Say whether one is to be made: the first at once, and one for all missed nights.

    :param now: Unix seconds.
    """
    # One that was begun in the future tells of a clock that was wrong.
    if last is None or last.begun - now > DAY_SECONDS:
        return True
    due = next_time(last.begun, at)
    return now >= (due if last.is_whole else min(due, last.begun + RETRY_SECONDS))


def plan(settings: Mapping[str, str]) -> Plan | None:
    """Return what is to be done each night; None for nothing."""
    if not (folder := settings.get(FOLDER)):
        return None
    return Plan(
        Path(folder),
        _time(settings.get(AT, DEFAULT_AT)),
        _number(settings.get(KEEP, DEFAULT_KEEP)),
        settings.get(PASSPHRASE_FILE, ""),
    )


def settle(recorded: Mapping[str, str], environ: Mapping[str, str]) -> Settings:
    """Return what was asked for, or else what is recorded; nothing if neither is.

    :param environ: has what was asked for.
    :raises ValueError: something makes no sense; the text says what does.
    """
    asked = {name: asked_for(name, environ) for name in (FOLDER, AT, KEEP)}
    known = (*asked, PASSPHRASE_FILE)
    wanted = {name: recorded[name] for name in known if name in recorded}
    wanted |= {name: value for name, value in asked.items() if value}
    _time(wanted.get(AT, DEFAULT_AT))
    _number(wanted.get(KEEP, DEFAULT_KEEP))
    if folder := asked[FOLDER]:
        if not folder.isprintable():
            raise ValueError(f"{FOLDER} takes a folder on one line, or {NONE}")
        secret = environ.get(passphrase.VARIABLE, "")
        is_none = folder == NONE
        wanted[FOLDER] = "" if is_none else str(Path(folder).absolute())
        wanted[PASSPHRASE_FILE] = (
            str(Path(secret).absolute()) if secret and not is_none else ""
        )
    return wanted


def check(home: Home, recorded: Mapping[str, str], wanted: Mapping[str, str]) -> None:
    """Refuse a new folder in which no backup would be, or be safe.

    One that has become so since is no reason not to start: a failed backup is told.

    :raises PlatformError: the text says why.
    """
    names = (FOLDER, PASSPHRASE_FILE)
    if not wanted.get(FOLDER) or all(recorded.get(n) == wanted.get(n) for n in names):
        return
    folder = Path(wanted[FOLDER])
    if not folder.is_dir():
        raise PlatformError(f"{FOLDER}: there is no folder {folder}. Make it first")
    if folder.resolve().is_relative_to(home.path.resolve()):
        raise PlatformError(
            f"{FOLDER}: {folder} would be lost together with {home.path}, which it is "
            "in. Name another folder, best on another disk"
        )
    try:
        tempfile.TemporaryFile(dir=folder).close()
    except OSError as error:
        why = f"nothing can be written into {folder}: {error.strerror}"
        raise PlatformError(f"{FOLDER}: {why}") from error
    if (share := disk.used_share(folder)) > disk.FULL_SHARE:
        raise PlatformError(
            f"{FOLDER}: the disk of {folder} is {share:.0%} full. Make room on it, or "
            "name a folder on another one"
        )
    if wanted.get(PASSPHRASE_FILE):
        # It is the variable's: what cannot be read, or is too short, is said now.
        passphrase.new()


def is_old(settings: Mapping[str, str], found: Outcome | None, now: float) -> bool:
    """Say whether the last backup is too old for one that is made each night."""
    is_wanted = bool(settings.get(FOLDER))
    return is_wanted and found is not None and now - found["at"] > OLD_SECONDS


def described(home: Home) -> dict[str, Any] | None:
    """Return what mfstatus tells of it; None where nothing is made by night."""
    settings = home.settings
    if (found := plan(settings)) is None:
        return None
    return {
        "folder": str(found.folder),
        "at": found.at.strftime("%H:%M"),
        "keep": found.keep,
        "secrets": bool(found.passphrase_file),
        "late": is_old(settings, last_backup.read(home), time.time()),
    }


def sentences(found: Mapping[str, Any] | None) -> list[str]:
    """Return what ``described`` has told, for people."""
    if found is None:
        return []
    what = "" if found["secrets"] else ", without secrets"
    told = f"Backups: at {found['at']} each night, in {found['folder']}{what}; "
    return [f"{told}{found['keep']} are kept", *([OLD] if found["late"] else [])]


def _time(text: str) -> clock_time:
    hours, _, minutes = text.partition(":")
    pair = (hours, minutes or "0")
    is_number = all(one.isascii() and one.isdigit() and len(one) < 3 for one in pair)
    if not is_number or int(pair[0]) > 23 or int(pair[1]) > 59:
        raise ValueError(f"{AT} must be a time such as 03:00, not '{text}'")
    return clock_time(int(pair[0]), int(pair[1]))


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:9]) <= MOST_KEPT):
        raise ValueError(f"{KEEP} must be a number from 1 to {MOST_KEPT}, not '{text}'")
    return int(text)
