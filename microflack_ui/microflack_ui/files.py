"""The page's files, and their version: the hash of all of them.

While two versions are served side by side, a browser must not mix their files. So the
page names each file with the version, which only instances of that version know.
"""

import gzip
from functools import lru_cache
from hashlib import sha256
from pathlib import Path

from werkzeug.security import safe_join

from microflack_ui import compose

FOLDER = Path(__file__).parent / "static"
VERSION_CHARACTERS = 16

# What these import is served within them.
COMPOSED = {"app.js": compose.script, "style.css": compose.style}


def content(name: str) -> bytes | None:
    """Return what is served under this name, or None if there is nothing."""
    if name in COMPOSED:
        return _composed(name, version())
    path = Path(safe_join(str(FOLDER), name) or FOLDER)
    return path.read_bytes() if path.is_file() else None


@lru_cache
def compressed(data: bytes) -> bytes:
    """Return this in the gzip format (RFC 1952), the same each time."""
    return gzip.compress(data, mtime=0)


def version() -> str:
    """Return the version of the files as they are now.

    It comes from the content alone: all instances of a release have the same.
    """
    paths = sorted(path for path in FOLDER.rglob("*") if path.is_file())
    return _hash(tuple((path, path.stat().st_mtime_ns) for path in paths))


# A file may be changed while the service runs, by who works on the page.
@lru_cache(maxsize=1)
def _hash(files: tuple[tuple[Path, int], ...]) -> str:
    digest = sha256()
    for path, _ in files:
        data = path.read_bytes()
        digest.update(f"{path.relative_to(FOLDER)} {len(data)}\n".encode())
        digest.update(data)
    return digest.hexdigest()[:VERSION_CHARACTERS]


@lru_cache(maxsize=2)
def _composed(name: str, _version: str) -> bytes:
    return COMPOSED[name](FOLDER, name).encode()
