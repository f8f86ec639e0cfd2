"""Look at the files in MF_HOME: who may read them, whose they are, which are torn."""

import json
import os
import pwd
import time
from collections.abc import Iterator
from pathlib import Path

from mfplatform.state.home import Home

# What holds secrets, or people's data. What others than the owner have to read, such as
# a server in a container, is not among them.
PRIVATE = (
    "settings.env",
    "secrets.env",
    "secrets/*.env",
    "secrets-store/unseal.key",
    "secrets-store/platform.env",
    "instances/*/env",
    "instances/*/instance.json",
    "monolith/*.db",
    "tls/ca.key",
    "haproxy/site.pem",
    "mariadb/client.cnf",
)
# What every command of the owner has to write.
OWNED = ("*.env", "*.json", "locks/*", "instances/*", "logs/audit.log", "tls", "images")
# Others than the owner.
OTHERS = 0o077


def readable(home: Home) -> Iterator[Path]:
    """Yield what others than the owner may read, and must not."""
    if home.path.exists() and home.path.stat().st_mode & OTHERS:
        yield home.path
    for pattern in PRIVATE:
        for path in sorted(home.path.glob(pattern)):
            if path.stat().st_mode & OTHERS:
                yield path


def unreadable(home: Home) -> Iterator[Path]:
    """Yield the platform's own files that whoever asks may not read."""
    for path in (home.settings_file, home.secrets_file):
        if path.exists() and not os.access(path, os.R_OK):
            yield path


def foreign(home: Home) -> Iterator[Path]:
    """Yield what does not belong to who owns the folder."""
    if not home.path.exists():
        return
    owner = home.path.stat().st_uid
    for pattern in OWNED:
        for path in sorted(home.path.glob(pattern)):
            if path.lstat().st_uid != owner:
                yield path


def owner(home: Home) -> str:
    """Return the name of who owns the folder, "" before the first start."""
    if not home.path.exists():
        return ""
    number = home.path.stat().st_uid
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return str(number)


def torn_records(home: Home) -> Iterator[Path]:
    """Yield the records of instances that cannot be read."""
    for file in sorted(home.instances.glob("*/instance.json")):
        try:
            whole = isinstance(json.loads(file.read_text(encoding="utf-8")), dict)
        except FileNotFoundError:
            # It has just been stopped.
            continue
        except (OSError, ValueError):
            whole = False
        if not whole:
            yield file


def newest(home: Home) -> float:
    """Return when the newest file was written, in Unix seconds."""
    files = [*home.path.glob("*.env"), *home.logs.glob("*.log")]
    return max((file.stat().st_mtime for file in files), default=time.time())
