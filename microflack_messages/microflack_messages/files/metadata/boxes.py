"""The boxes that files of ISO's media format are made of.

Source: ISO/IEC 14496-12 (ISO base media file format), 4.2.
"""

from collections.abc import Iterator
from typing import NamedTuple

# How many bytes the head of a box has, and one whose size needs 64 bits.
_HEAD, _LONG_HEAD = 8, 16
_LONG_SIZE, _TO_THE_END = 1, 0


class Box(NamedTuple):
    """A box: what it is, and where it, its content and its end are in the file."""

    kind: bytes
    head: int
    begin: int
    end: int


def boxes(data: memoryview, begin: int, end: int) -> Iterator[Box]:
    """Yield the boxes of a part of a file. Raises ValueError for one without an end."""
    while begin + _HEAD <= end:
        size = number(data, begin, 4)
        kind = bytes(data[begin + 4 : begin + _HEAD])
        head = _HEAD
        if size == _LONG_SIZE:
            size, head = number(data, begin + _HEAD, 8), _LONG_HEAD
        elif size == _TO_THE_END:
            size = end - begin
        if size < head or begin + size > end:
            raise ValueError("A box of the picture has no end.")
        yield Box(kind, begin, begin + head, begin + size)
        begin += size


def number(data: memoryview, place: int, size: int) -> int:
    """Return a number of so many bytes; ValueError if they are not there."""
    found = data[place : place + size]
    if len(found) < size:
        raise ValueError("A box of the picture is cut off.")
    return int.from_bytes(found, "big")


class Reader:
    """Reads the numbers of a box one after the other."""

    def __init__(self, data: memoryview, place: int, end: int) -> None:
        self._data = data[:end]
        self.place = place

    def number(self, size: int) -> int:
        """Return the next number of so many bytes; ValueError if they are not there."""
        found = number(self._data, self.place, size)
        self.place += size
        return found
