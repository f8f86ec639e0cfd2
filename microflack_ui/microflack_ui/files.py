"""The page's files, and their version: the hash of all of them.

While two versions are served side by side, a browser must not mix their files. So the
page names each file with the version, which only instances of that version know.
"""

from functools import lru_cache
from hashlib import sha256
from pathlib import Path

from werkzeug.security import safe_join

FOLDER = Path(__file__).parent / "static"
VERSION_CHARACTERS = 16


def find(name: str) -> Path | None:
    """Return the file of this name, or None if there is none."""
    path = Path(safe_join(str(FOLDER), name) or FOLDER)
    return path if path.is_file() else None


def modules() -> list[str]:
    """List the page's own modules: a browser that knows all loads them at once."""
    names = {str(path.relative_to(FOLDER)) for path in FOLDER.rglob("*.js")}
    return sorted(names - {"reload.js"})


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
        content = path.read_bytes()
        digest.update(f"{path.relative_to(FOLDER)} {len(content)}\n".encode())
        digest.update(content)
    return digest.hexdigest()[:VERSION_CHARACTERS]
