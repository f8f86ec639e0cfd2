"""Read the lines of a source, from file to file."""

import hashlib
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from mfplatform.logs.lines import time_of
from mfplatform.logs.shipping.links import File

# What has no end by then is taken for a line.
MAX_LINE_BYTES = 1_000_000
# The last words of what has died may lack a line end: sent when so much time has gone.
LAST_WORDS_SECONDS = 60
# A file is known by as much of its first line.
FIRST_BYTES = 512


@dataclass(frozen=True)
class Position:
    """How far a source's log was sent.

    :param file: the number of its file in the queue.
    :param time: when the last line was written, in Unix seconds: one that does not
        tell is taken to be of the same time.
    """

    file: int
    offset: int
    time: float


@dataclass(frozen=True)
class Entry:
    """A line that waits.

    :param key: the same for this line whenever it is read, and for no other one.
    :param end: the position after it.
    """

    source: str
    key: str
    text: str
    end: Position


@dataclass(frozen=True)
class _Piece:
    """A line, or what a file has of one."""

    file: File
    first: bytes
    offset: int
    raw: bytes


def _pieces(files: Sequence[File], start: Position) -> Iterator[_Piece]:
    for file in files:
        if file.number < start.file:
            continue
        with open(file.path, "rb") as log:
            first = log.readline(FIRST_BYTES)
            begin = start.offset if file.number == start.file else 0
            # One that somebody has emptied begins anew.
            begin = begin if begin <= file.path.stat().st_size else 0
            log.seek(begin)
            while raw := log.readline(MAX_LINE_BYTES):
                yield _Piece(file, first, begin, raw)
                begin += len(raw)


def entries(source: str, files: Sequence[File], start: Position) -> Iterator[Entry]:
    """Yield the lines after a position.

    A file that is rotated ends anywhere: its last line goes on in the next.
    """
    raw = b""
    for piece in _pieces(files, start):
        if not raw:
            begun = piece
        raw += piece.raw
        if raw.endswith(b"\n") or len(raw) >= MAX_LINE_BYTES:
            entry = _entry(source, begun, piece, raw, start.time)
            start, raw = entry.end, b""
            yield entry
    if raw and time.time() - piece.file.path.stat().st_mtime > LAST_WORDS_SECONDS:
        yield _entry(source, begun, piece, raw, start.time)


def _entry(
    source: str, begun: _Piece, last: _Piece, raw: bytes, before: float
) -> Entry:
    text = raw.decode("utf-8", "replace").rstrip("\r\n")
    written = time_of(text)
    where = b"%s\0%s\0%d" % (source.encode(), begun.first, begun.offset)
    return Entry(
        source=source,
        key=hashlib.sha256(where).hexdigest()[:32],
        text=text,
        end=Position(
            last.file.number,
            last.offset + len(last.raw),
            before if written is None else written,
        ),
    )
