"""A small file system for a platform of its own, which can be full for a while.

The disk of the machine is never filled: what is full is a file system in memory, which
takes root to mount. What was mounted by a run that was killed is unmounted by the next.
"""

import os
import subprocess
from pathlib import Path

from mfplatform.state import disk, memory
from mfplatform.state.home import PlatformError

SIZE_BYTES = 2**30
# Filling it takes that much of the machine's memory, which others want, too.
NEEDED_TIMES = 3
FILLER, BLOCK_BYTES = "filler", 2**20


def can_be_had() -> bool:
    """Tell whether this user may mount it."""
    return os.geteuid() == 0


class SmallDisk:
    """The file system that is mounted at a folder.

    :raises PlatformError: of all calls: the machine does not do it, or has no room.
    """

    def __init__(self, folder: Path, size_bytes: int = SIZE_BYTES) -> None:
        self.folder = folder
        self._size_bytes = size_bytes
        self._filler = folder / FILLER

    @property
    def is_mounted(self) -> bool:
        """Whether it is there."""
        return self.folder.is_mount()

    def mount(self) -> None:
        """Have it, with nothing in it."""
        needed = NEEDED_TIMES * self._size_bytes
        if (free := memory.available()) < needed:
            raise PlatformError(
                f"filling a disk takes {disk.plain(needed)} of memory, and "
                f"{disk.plain(free)} are left. Do without: --without fill"
            )
        self.unmount()
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        options = f"size={self._size_bytes},mode=700"
        _call("mount", "-t", "tmpfs", "-o", options, "tmpfs", str(self.folder))

    def unmount(self) -> None:
        """Give it up with all that is in it; harmless when it is not mounted."""
        if self.is_mounted:
            _call("umount", str(self.folder))

    def fill(self) -> None:
        """Leave no room on it."""
        with open(self._filler, "wb", buffering=0) as out:
            block = b"x" * BLOCK_BYTES
            while block:
                try:
                    out.write(block)
                except OSError:
                    block = block[: len(block) // 2]

    def clear(self) -> None:
        """Give the room back."""
        self._filler.unlink(missing_ok=True)


def _call(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise PlatformError(f"{command[0]}: {done.stderr.strip()}")
