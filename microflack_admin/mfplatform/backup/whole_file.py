"""A file that is there as a whole, or not at all, whatever ends whoever writes it."""

import errno
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from mfplatform.state.home import PlatformError

PARTIAL = ".partial"


@contextmanager
def writing(path: Path, *, replaces: bool = False) -> Iterator[BinaryIO]:
    """Write a file under another name, and give it its own when all is there.

    :param replaces: a file that is there may be replaced.
    :raises PlatformError: it cannot be written; nothing is left of it.
    """
    check_place(path, replaces=replaces)
    partial = path.with_name(path.name + PARTIAL)
    try:
        with _alone(partial) as file:
            try:
                yield file
                file.flush()
                os.fsync(file.fileno())
                partial.replace(path)
            except BaseException:
                partial.unlink(missing_ok=True)
                raise
        _sync(path.parent)
    except OSError as error:
        if error.errno == errno.EWOULDBLOCK:
            raise PlatformError(f"another one is writing {path} just now") from None
        raise PlatformError(f"{path} cannot be written: {error.strerror}") from error


def check_place(path: Path, *, replaces: bool) -> None:
    """Refuse a place where no file may be made.

    :raises PlatformError: there is something, or no folder.
    """
    if path.is_dir() or (path.exists() and not path.is_file()):
        raise PlatformError(f"{path} is no file: give the name of a new one")
    if path.exists() and not replaces:
        raise PlatformError(
            f"{path} is there already: give another name, or replace it with --force"
        )
    if not path.parent.is_dir():
        raise PlatformError(f"there is no folder {path.parent}: make it first")


@contextmanager
def _alone(partial: Path) -> Iterator[BinaryIO]:
    """Open an empty file of one's own; OSError (EWOULDBLOCK) if somebody writes it."""
    how = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW
    with open(os.open(partial, how, 0o600), "r+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if not _has_name(file, partial):
            # Whoever wrote it has ended just now: it is not to be written over.
            raise BlockingIOError(errno.EWOULDBLOCK, os.strerror(errno.EWOULDBLOCK))
        os.fchmod(file.fileno(), 0o600)
        file.truncate()
        yield file


def _has_name(file: BinaryIO, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(file.fileno()), path.lstat())
    except FileNotFoundError:
        return False


def _sync(folder: Path) -> None:
    """Have a new name in a folder outlive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
