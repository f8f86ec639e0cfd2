"""The passphrase of a backup's secrets: from a file, or from whoever sits there."""

import getpass
import os
import sys
from pathlib import Path

from mfplatform.state.home import PlatformError

VARIABLE = "MF_BACKUP_PASSPHRASE_FILE"
SHORTEST = 8


class NoPassphrase(Exception):
    """Raised where none can be had; the text says how to give one."""


def new() -> str:
    """Return a passphrase to encrypt with.

    :raises NoPassphrase: nobody can be asked.
    :raises PlatformError: it cannot be read, or is too short.
    """
    found = _from_file()
    if found is None:
        found = _asked("A passphrase for the secrets: ")
        if found != _asked("The same once more: "):
            raise PlatformError("these were two different ones. Nothing was written")
    if len(found) < SHORTEST:
        raise PlatformError(
            f"the passphrase has fewer than {SHORTEST} characters: take a longer one"
        )
    return found


def known() -> str:
    """Return the passphrase that opens what was encrypted; raises as ``new``."""
    found = _from_file()
    return _asked("The passphrase of its secrets: ") if found is None else found


def check_there() -> None:
    """Look whether one can be had, before anything is done; raises as ``new``."""
    if _from_file() is None:
        _check_terminal()


def _from_file() -> str | None:
    name = os.environ.get(VARIABLE)
    if not name:
        return None
    try:
        return Path(name).read_text(encoding="utf-8").split("\n")[0].rstrip("\r")
    except (OSError, ValueError) as error:
        raise PlatformError(f"{VARIABLE}: {name} cannot be read: {error}") from error


def _asked(text: str) -> str:
    _check_terminal()
    return getpass.getpass(text, stream=sys.stderr)


def _check_terminal() -> None:
    if not sys.stdin.isatty():
        raise NoPassphrase(
            f"which passphrase? Have it in a file: {VARIABLE}=FILE; or leave the "
            "secrets out: --no-secrets"
        )
