"""Know a platform by its folder itself, however the path to it is spelled.

The folder holds a token, and which folder it was made for. It stays the same platform
when it is moved, renamed or reached by a link; a copy is another one.

Needs nothing but Python itself.
"""

import json
import os
import secrets
from hashlib import sha256
from pathlib import Path
from typing import TypedDict


class _Record(TypedDict):
    token: str
    device: int
    inode: int
    path: str


def token(home: Path) -> str:
    """Return what names this platform among those of the machine."""
    found = _read(home)
    if found is None:
        # It is new, or was last started by a release that went by the path.
        return _of_path(home)
    if _is_for(found, home):
        return found["token"]
    # A copy, until it is started itself: never what the original goes by.
    return sha256(f"{home}\n{found['token']}".encode(errors="replace")).hexdigest()[:12]


def settle(home: Path, recorded_run: str) -> str:
    """Return the token, and have it written down.

    :param recorded_run: the sockets' folder of its last start, "" if there was none.
    """
    found = _read(home)
    if found is not None and _is_for(found, home):
        chosen = found["token"]
    elif found is None and recorded_run.endswith(f"-{_of_path(home)}"):
        chosen = _of_path(home)
    else:
        chosen = secrets.token_hex(6)
    _write(home, chosen)
    return chosen


def _of_path(home: Path) -> str:
    return sha256(os.fsencode(home)).hexdigest()[:12]


def _read(home: Path) -> _Record | None:
    try:
        found = json.loads((home / "identity.json").read_text(encoding="utf-8"))
        return _Record(
            token=str(found["token"]),
            device=int(found["device"]),
            inode=int(found["inode"]),
            path=str(found["path"]),
        )
    except (OSError, ValueError, LookupError, TypeError):
        return None


def _is_for(found: _Record, home: Path) -> bool:
    here = home.stat()
    # The number of a device may change with a restart of the machine, and folders that
    # are mounted all have the same inode: either may differ, but not both.
    same_place = found["device"] == here.st_dev or found["path"] == str(home)
    return found["inode"] == here.st_ino and same_place


def _write(home: Path, chosen: str) -> None:
    here = home.stat()
    record = _Record(
        token=chosen, device=here.st_dev, inode=here.st_ino, path=str(home)
    )
    file = home / "identity.json"
    new = home / f".identity.{secrets.token_hex(4)}"
    new.write_text(json.dumps(record), encoding="utf-8")
    new.replace(file)
