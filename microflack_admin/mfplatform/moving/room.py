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
    check_room(home, sum(_size(one) for one in originals), BESIDE_BYTES)


def check_room(home: Home, size: int, beside: int) -> None:
    """Refuse to begin where databases with so many bytes in them would not fit.

    :param beside: what else is to be written there, in bytes.
    :raises PlatformError: they do not; nothing was changed.
    """
    folder = next(one for one in (home.path, *home.path.parents) if one.is_dir())
    needed, free = TIMES * size + beside, shutil.disk_usage(folder).free
    if free < needed:
        raise PlatformError(
            f"the disk of {folder} has {free // 1024**2} MB left, and "
            f"{needed // 1024**2} are needed. Nothing was changed: make room and try "
            "again"
        )


def _size(path: Path) -> int:
    files = path.glob("*.db*") if path.is_dir() else [path]
    return sum(one.stat().st_size for one in files if one.is_file())
