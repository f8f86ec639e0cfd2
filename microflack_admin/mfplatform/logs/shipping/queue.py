"""The queue on disk: what has been logged and not been sent.

The log files themselves are the queue. Each file that is seen gets a second name, a
hard link: so it stays until all of it was sent, though it is rotated and removed. A
position for each source says how far that is. It moves when a receiver has confirmed
a line, never before; what was under way when anything died is sent again.
"""

import json
import re
import threading
from dataclasses import asdict
from itertools import islice
from pathlib import Path

from mfplatform.logs.shipping.links import File, Links
from mfplatform.logs.shipping.reading import Entry, Position, entries
from mfplatform.state.home import write_private

NAME = re.compile(r"(?P<source>.+)\.log(\.(?P<number>\d+))?")


class LogQueue:
    """What waits of the logs in a folder. One thread may scan while another sends."""

    def __init__(self, folder: Path) -> None:
        self._logs = folder
        own = own_folder(folder)
        own.mkdir(mode=0o700, exist_ok=True)
        self._file = own / "positions.json"
        self._links = Links(own / "files")
        self._positions = self._load()
        self._turn = 0
        self._lock = threading.RLock()

    def _load(self) -> dict[str, Position]:
        try:
            found = json.loads(self._file.read_text(encoding="utf-8"))
            return {source: Position(**one) for source, one in found.items()}
        except (OSError, ValueError, TypeError, AttributeError):
            # All is sent again: twice is better than never.
            return {}

    def _save(self) -> None:
        found = {source: asdict(one) for source, one in self._positions.items()}
        write_private(self._file, json.dumps(found))

    def scan(self) -> None:
        """Take in new files, and let go what was sent and has no other name.

        :raises OSError: that is not possible.
        """
        with self._lock:
            numbers: dict[str, int] = {}
            for path in self._logs.iterdir():
                if found := NAME.fullmatch(path.name):
                    source, number = found["source"], int(found["number"] or 0)
                    numbers[source] = max(number, numbers.get(source, 0))
            self._links.update({one: self._names(one, n) for one, n in numbers.items()})
            before = dict(self._positions)
            for source in self._links.sources():
                self._settle(source)
            for source, file in list(self._links.left_over()):
                if not self._unsent(source, file):
                    self._links.remove(source, file)
            known = set(self._links.sources())
            self._positions = {k: v for k, v in self._positions.items() if k in known}
            if self._positions != before:
                self._save()

    def _names(self, source: str, number: int) -> list[Path]:
        # One more than there were: they may be rotated in this moment.
        older = (f"{source}.log.{n}" for n in range(1, number + 2))
        return [self._logs / name for name in (f"{source}.log", *older)]

    def _settle(self, source: str) -> None:
        """Have a position that is in a file."""
        files = self._links.files(source)
        first, last = files[0], files[-1]
        found = self._positions.get(source)
        if found is None:
            written = first.path.stat().st_mtime
            self._positions[source] = Position(first.number, 0, written)
        elif not first.number <= found.file <= last.number:
            self._positions[source] = Position(first.number, 0, found.time)

    def _unsent(self, source: str, file: File) -> int:
        """Return how many bytes of a file were not sent."""
        position = self._positions[source]
        if file.number < position.file:
            return 0
        size = file.path.stat().st_size
        # One that somebody has emptied begins anew.
        was_sent = file.number == position.file and size >= position.offset
        return size - position.offset if was_sent else size

    def waiting_bytes(self) -> int:
        """Return how many bytes wait to be sent."""
        with self._lock:
            return sum(
                self._unsent(source, file)
                for source in self._positions
                for file in self._links.files(source)
            )

    def give_up(self, most_bytes: int) -> dict[str, int]:
        """Let the oldest go of what is kept only to be sent, if that is too much.

        :param most_bytes: how much may be kept.
        :return: the bytes that were given up, by source.
        """
        with self._lock:
            kept = [
                (file.path.stat(), one, file) for one, file in self._links.left_over()
            ]
            kept.sort(key=lambda found: found[0].st_mtime)
            size = sum(found.st_size for found, _, _ in kept)
            given_up: dict[str, int] = {}
            for found, source, file in kept:
                if size <= most_bytes:
                    break
                size -= found.st_size
                if lost := self._unsent(source, file):
                    given_up[source] = given_up.get(source, 0) + lost
                self._links.remove(source, file)
                if self._links.files(source):
                    self._settle(source)
            return given_up

    def batch(self, most_lines: int, most_bytes: int) -> list[Entry]:
        """Return the lines to send next: of each source in turn."""
        with self._lock:
            found: list[Entry] = []
            size = 0
            sources = sorted(self._positions)
            self._turn = (self._turn + 1) % (len(sources) or 1)
            for source in sources[self._turn :] + sources[: self._turn]:
                files, start = self._links.files(source), self._positions[source]
                if not any(self._unsent(source, file) for file in files):
                    continue
                for entry in islice(
                    entries(source, files, start), most_lines - len(found)
                ):
                    size += len(entry.text)
                    if found and size > most_bytes:
                        return found
                    found.append(entry)
            return found

    def commit(self, sent: list[Entry]) -> None:
        """Note that these were sent."""
        with self._lock:
            self._positions |= {entry.source: entry.end for entry in sent}
            self._save()


def own_folder(logs: Path) -> Path:
    """Return where the queue of a folder of logs is: nothing there is a log itself."""
    return logs / ".shipping"
