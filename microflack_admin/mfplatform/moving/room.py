"""Whether a disk has room for what is to be copied.

Needs nothing but Python itself, since it runs before anything is installed.
"""

import shutil
from pathlib import Path

from mfplatform.state.home import Home, PlatformError

# MariaDB's pages, their copies in its logs, and the logs themselves.
TIMES, BESIDE_BYTES = 3, 64 * 1024**2


def check_disk(home: Home, *originals: Path) -> None:
    """Refuse to begin where the copy would not fit.

    :param originals: the files to be copied, or folders of them.
    :raises PlatformError: it does not; nothing was changed.
    """
    size = sum(_size(one) for one in originals)
    needed = TIMES * size + BESIDE_BYTES
    free = shutil.disk_usage(home.path).free
    if free < needed:
        raise PlatformError(
            f"the disk of {home.path} has {free // 1024**2} MB left, and "
            f"{needed // 1024**2} are needed. Nothing was changed: make room and try "
            "again"
        )


def _size(path: Path) -> int:
    files = path.glob("*.db*") if path.is_dir() else [path]
    return sum(one.stat().st_size for one in files if one.is_file())
