"""Second names of log files, so that these stay when they are rotated or removed."""

import logging
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class File:
    """A log file in the queue; those of a source are numbered, the oldest first."""

    number: int
    inode: int
    path: Path


class Links:
    """The files of each source, each under a number: FOLDER/SOURCE/NUMBER."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._folder.mkdir(mode=0o700, exist_ok=True)
        self._known = {one.name: _read(one) for one in folder.iterdir()}
        # Of each source the files that have their first name still.
        self._present: dict[str, set[int]] = {}
        self._refused: set[Path] = set()

    def sources(self) -> list[str]:
        """Return all that have files here."""
        return sorted(source for source, files in self._known.items() if files)

    def files(self, source: str) -> Sequence[File]:
        """Return a source's files, the oldest first."""
        return self._known.get(source, [])

    def update(self, found: Mapping[str, Sequence[Path]]) -> None:
        """Link what is not linked yet.

        :param found: where each source may have files, the newest first. A rotation
            moves them that way: seen in this order none is missed meanwhile.
        :raises OSError: nothing at all can be linked.
        """
        self._present = {}
        for source, paths in found.items():
            inodes: dict[int, Path] = {}
            for path in paths:
                try:
                    inodes.setdefault(path.stat().st_ino, path)
                except FileNotFoundError:
                    continue
            self._present[source] = set(inodes)
            known = {file.inode for file in self.files(source)}
            new = [path for inode, path in inodes.items() if inode not in known]
            for path in reversed(new):
                self._link(source, path)

    def _link(self, source: str, path: Path) -> None:
        folder = self._folder / source
        folder.mkdir(mode=0o700, exist_ok=True)
        files = self._known.setdefault(source, [])
        number = files[-1].number + 1 if files else 1
        new, target = folder / "new", folder / f"{number:09d}"
        try:
            os.link(path, new)
        except FileNotFoundError:
            return
        except OSError as error:
            if not any(map(self.files, self._known)):
                raise
            # Somebody else's, which must not keep the others from being sent.
            if path not in self._refused:
                log.warning("%s is not sent: %s", path, error.strerror)
            self._refused.add(path)
            return
        # It may have been moved in between.
        inode = new.stat().st_ino
        if inode in {file.inode for file in files}:
            new.unlink()
            return
        new.rename(target)
        files.append(File(number, inode, target))
        self._present[source].add(inode)

    def is_present(self, source: str, file: File) -> bool:
        """Tell whether a file has its first name still."""
        return file.inode in self._present.get(source, ())

    def left_over(self) -> Iterator[tuple[str, File]]:
        """Yield what would be gone without its second name."""
        for source, files in self._known.items():
            for file in files:
                if not self.is_present(source, file):
                    yield source, file

    def remove(self, source: str, file: File) -> None:
        """Let a file go."""
        self._known[source] = [one for one in self._known[source] if one != file]
        file.path.unlink(missing_ok=True)
        if not self._known[source]:
            (self._folder / source).rmdir()
            del self._known[source]


def _read(folder: Path) -> list[File]:
    (folder / "new").unlink(missing_ok=True)
    paths = sorted(folder.iterdir())
    return [File(int(path.name), path.stat().st_ino, path) for path in paths]
