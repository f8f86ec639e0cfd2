"""The log files of the parts and instances: all of them, merged, and as they grow."""

import heapq
import os
import re
import time
from collections.abc import Callable, Iterator
from io import BufferedReader
from pathlib import Path

from mfplatform.logs.lines import Line, time_of

SourceFilter = Callable[[str], bool]
POLL_SECONDS = 0.2


def source_of(file: Path) -> str:
    """Return who writes a log file."""
    return file.name.removesuffix(".log")


def sources(folder: Path) -> list[str]:
    """Return all that have written a log."""
    return sorted(source_of(file) for file in folder.glob("*.log"))


class Follower:
    """One log file, read on from where it was left, also when it is rotated."""

    def __init__(self, file: Path) -> None:
        self.source = source_of(file)
        self._file = file
        self._handle: BufferedReader | None = None
        self._unfinished = b""
        # A line without a time was written with the one before it.
        self._time = file.stat().st_mtime if file.exists() else time.time()
        self._has_time = False

    def rotated_lines(self) -> Iterator[Line]:
        """Yield what has been rotated away, the oldest first."""
        pattern = re.compile(re.escape(self._file.name) + r"\.(\d+)")
        found = []
        for path in self._file.parent.glob(f"{self._file.name}.*"):
            if number := pattern.fullmatch(path.name):
                found.append((int(number[1]), path))
        for _, path in sorted(found, reverse=True):
            try:
                with open(path, "rb") as lines:
                    yield from self._whole_lines(lines)
            except FileNotFoundError:
                continue

    def new_lines(self) -> Iterator[Line]:
        """Yield the whole lines that were written since the last call."""
        while True:
            if self._handle is None and not self._open():
                return
            assert self._handle is not None
            yield from self._whole_lines(self._handle)
            if not self._was_replaced():
                return
            # A file that is rotated ends anywhere: its last line goes on in the next.
            self.close()

    def last_words(self) -> Iterator[Line]:
        """Yield what has been read of a line that has no end yet."""
        if self._unfinished:
            yield self._line(self._unfinished)
            self._unfinished = b""

    def _whole_lines(self, file: BufferedReader) -> Iterator[Line]:
        for raw in file:
            self._unfinished += raw
            if self._unfinished.endswith(b"\n"):
                yield self._line(self._unfinished)
                self._unfinished = b""

    def close(self) -> None:
        """Stop reading."""
        if self._handle is not None:
            self._handle.close()
            self._handle = None

    def _open(self) -> bool:
        try:
            self._handle = open(self._file, "rb")  # noqa: SIM115 - stays open
        except FileNotFoundError:
            return False
        return True

    def _was_replaced(self) -> bool:
        assert self._handle is not None
        try:
            now = self._file.stat()
        except FileNotFoundError:
            return False
        inode = os.fstat(self._handle.fileno()).st_ino
        return inode != now.st_ino or now.st_size < self._handle.tell()

    def _line(self, raw: bytes) -> Line:
        text = raw.decode("utf-8", "replace").rstrip("\r\n")
        found = time_of(text)
        if found is not None:
            # Never back in time, so that files can be merged.
            self._time = max(self._time, found) if self._has_time else found
            self._has_time = True
        return Line(self._time, self.source, text)


def merged(followers: list[Follower], to_the_end: bool = True) -> Iterator[Line]:
    """Yield all that was written so far, in the order of time.

    :param to_the_end: whether a line that has no end yet is one, too; False for who
        goes on with ``follow``.
    """

    def all_lines(follower: Follower) -> Iterator[Line]:
        yield from follower.rotated_lines()
        yield from follower.new_lines()
        if to_the_end:
            yield from follower.last_words()

    streams = [all_lines(follower) for follower in followers]
    yield from heapq.merge(*streams, key=lambda line: line.time)


def follow(
    folder: Path, wanted: SourceFilter, followers: list[Follower]
) -> Iterator[Line]:
    """Yield what is written from now on, also by those that start later; no end."""
    known = {follower.source: follower for follower in followers}
    while True:
        for file in sorted(folder.glob("*.log")):
            if source_of(file) not in known and wanted(source_of(file)):
                known[source_of(file)] = Follower(file)
        lines = [line for follower in known.values() for line in follower.new_lines()]
        yield from sorted(lines, key=lambda line: line.time)
        time.sleep(POLL_SECONDS)
