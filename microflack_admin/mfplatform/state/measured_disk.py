"""What the disk holds, as it was measured a moment ago.

Measuring goes through each folder, and `mfstatus` may be asked every few seconds. What
was measured is told again, with its time, for as long as that keeps measuring a small
part of what the machine does. What is free is always told as it is now.
"""

import json
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from mfplatform.state import disk
from mfplatform.state.disk import Usage
from mfplatform.state.home import Home, write_private

# What took a second is told again for so many seconds, but never for longer than this.
TIMES, MOST_SECONDS = 20.0, 300.0


@dataclass(frozen=True)
class Measured:
    """What was measured, in bytes: when (Unix seconds), and how long that took."""

    at: float
    took: float
    data: int | None
    images: int | None
    logs: int | None

    @classmethod
    def of(cls, text: str) -> "Measured":
        """Return what ``text`` made.

        :raises ValueError: it did not, as TypeError and KeyError say, too.
        """
        told = json.loads(text)
        numbers = {name: told[name] for name in ("at", "took")}
        return cls(**told | {name: float(one) for name, one in numbers.items()})

    def text(self) -> str:
        """Return it as it is kept."""
        return json.dumps(asdict(self))

    def is_good(self, now: float) -> bool:
        """Say whether it may be told again."""
        # A clock that was set back tells nothing.
        return 0 <= now - self.at < min(self.took * TIMES, MOST_SECONDS)


def file(home: Home) -> Path:
    """Return what keeps it, until the machine is started again at the latest."""
    return home.run / "disk.json"


def usage(home: Home, images_bytes: Callable[[], int | None]) -> Usage:
    """Return what the disk holds, measured now or not long ago.

    :param images_bytes: returns what the images of services take.
    """
    found = _read(home)
    if found is None or not found.is_good(time.time()):
        found = _measure(home, images_bytes)
    return Usage(
        data=found.data,
        images=found.images,
        logs=found.logs,
        free=disk.free_bytes(home.path),
        used_share=disk.used_share(home.path),
        measured=found.at,
    )


def forget(home: Home) -> None:
    """Have it measured anew: much has changed."""
    file(home).unlink(missing_ok=True)


def _measure(home: Home, images_bytes: Callable[[], int | None]) -> Measured:
    at, began = time.time(), time.monotonic()
    data, logs = disk.data_and_logs(home)
    images = images_bytes()
    found = Measured(round(at, 3), time.monotonic() - began, data, images, logs)
    # Who may only look measures each time.
    with suppress(OSError):
        write_private(file(home), found.text())
    return found


def _read(home: Home) -> Measured | None:
    try:
        return Measured.of(file(home).read_text(encoding="utf-8"))
    except (OSError, ValueError, TypeError, KeyError):
        return None
