"""The files that logs are gathered in, and how far each container has been read."""

import errno
import json
import os
import threading
from pathlib import Path

MAX_FILE_BYTES = 10_000_000
ROTATED_FILES = 3
POSITIONS_FILE = ".positions.json"
# Positions of containers that are long gone are forgotten.
MAX_POSITIONS = 1000


class LogFolder:
    """A folder of log files, which are rotated."""

    def __init__(self, folder: Path, max_file_bytes: int = MAX_FILE_BYTES) -> None:
        self._folder = folder
        self._max_file_bytes = max_file_bytes
        self._lock = threading.Lock()
        self._positions = self._load_positions()

    def position(self, container: str) -> str:
        """Return the time of the last line that was read of a container's log."""
        return self._positions.get(container, "")

    def add(self, container: str, source: str, stamp: str, text: bytes) -> None:
        """Append a line, all of it or nothing; OSError if that is not possible."""
        with self._lock:
            file = self._folder / f"{source}.log"
            self._rotate(file)
            line = text if text.endswith(b"\n") else text + b"\n"
            with open(file, "ab", buffering=0, opener=_open_private) as out:
                size = out.tell()
                if (written := out.write(line)) < len(line):
                    out.truncate(size)
                    problem = f"{written} of {len(line)} bytes"
                    raise OSError(errno.ENOSPC, problem, str(file))
            # The newest come last, so that the oldest are forgotten first.
            self._positions.pop(container, None)
            self._positions[container] = stamp

    def save_positions(self) -> None:
        """Write down how far everything has been read."""
        with self._lock:
            for container in list(self._positions)[:-MAX_POSITIONS]:
                del self._positions[container]
            text = json.dumps(self._positions)
        new = self._folder / f"{POSITIONS_FILE}.new"
        new.write_text(text, encoding="utf-8")
        new.replace(self._folder / POSITIONS_FILE)

    def _load_positions(self) -> dict[str, str]:
        try:
            text = (self._folder / POSITIONS_FILE).read_text(encoding="utf-8")
            return dict(json.loads(text))
        except (OSError, ValueError):
            return {}

    def _rotate(self, file: Path) -> None:
        if not file.exists() or file.stat().st_size < self._max_file_bytes:
            return
        for number in range(ROTATED_FILES, 0, -1):
            older = file if number == 1 else file.with_name(f"{file.name}.{number - 1}")
            if older.exists():
                older.replace(file.with_name(f"{file.name}.{number}"))


def _open_private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
