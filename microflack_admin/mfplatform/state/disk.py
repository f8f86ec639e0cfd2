"""How much of the disk a platform takes, and how much is left."""

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from mfplatform.state.home import Home

# As df rounds: the part of a file system that ordinary users can fill.
FULL_SHARE = 0.9
# A disk that does much else, and images of a hundred thousand files.
MEASURE_TIMEOUT_SECONDS = 60
UNITS = ("B", "kB", "MB", "GB", "TB")


@dataclass(frozen=True)
class Usage:
    """Bytes on the disk; None where that cannot be known.

    What takes long to measure is as it was at ``measured``, in Unix seconds.
    """

    data: int | None
    images: int | None
    logs: int | None
    free: int
    used_share: float
    measured: float

    @property
    def warning(self) -> str | None:
        """Return what to say when the disk is nearly full."""
        if self.used_share <= FULL_SHARE:
            return None
        return (
            f"The disk is {self.used_share:.0%} full. What is not needed any more is "
            "removed by: mfprune"
        )


def size(*paths: Path) -> int:
    """Return the bytes that files and folders take; 0 if counting takes too long."""
    return counted(*paths) or 0


def counted(*paths: Path) -> int | None:
    """Return the bytes that files and folders take, each file counted once.

    None if that takes too long.
    """
    there = [str(path) for path in paths if path.exists()]
    if not there:
        return 0
    # What goes away meanwhile makes it fail at the end; its sum is good.
    command = ["du", "--summarize", "--total", "--block-size=1", "--", *there]
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=MEASURE_TIMEOUT_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return None
    lines = done.stdout.splitlines()
    return int(lines[-1].split()[0]) if lines else 0


def free_bytes(folder: Path) -> int:
    """Return how much ordinary users may still fill of the file system of a folder."""
    return shutil.disk_usage(folder).free


def used_share(folder: Path) -> float:
    """Return how full the file system of a folder is, from 0 to 1."""
    whole = shutil.disk_usage(folder)
    return whole.used / (whole.used + whole.free or 1)


def data_and_logs(home: Home) -> tuple[int | None, int | None]:
    """Measure what a platform's data take, without images, and what its logs take."""
    folders = {home.logs, home.images, home.image_store}
    data = [path for path in home.path.iterdir() if path not in folders]
    return counted(*data), counted(home.logs)


def plain(count: float | None) -> str:
    """Return bytes as people read them: "1.2 GB"; "unknown" for None."""
    if count is None:
        return "unknown"
    unit, *larger = UNITS
    while count >= 999.5 and larger:
        count /= 1000
        unit, *larger = larger
    digits = 0 if unit == UNITS[0] or count >= 9.95 else 1
    return f"{count:.{digits}f} {unit}"
