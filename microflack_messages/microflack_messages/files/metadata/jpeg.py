"""JPEG without metadata.

Source: ITU-T T.81, Annex B (markers and segments), and B.1.1.5 (what a scan holds).
"""

import re
from collections.abc import Iterator

from microflack_messages.files.metadata import exif
from microflack_messages.files.metadata.exif import AsStored

_START, _END = b"\xff\xd8", b"\xff\xd9"
_END_CODE, _SCAN, _COMMENT = 0xD9, 0xDA, 0xFE
_APPLICATION = range(0xE0, 0xF0)
_ALONE = {0x01, *range(0xD0, 0xD8)}
# What is kept of the segments of applications: the form of the pixels, and what their
# colours mean.
_JFIF = (0xE0, b"JFIF\0")
_KEPT = ((0xE2, b"ICC_PROFILE\0"), (0xEE, b"Adobe"))
# Without the small picture that may follow: it may show what was cut off.
_JFIF_BYTES = 14
# Before a marker any number of these may stand.
_FILL = re.compile(rb"\xff+")
# In a scan every byte 0xFF is followed by a zero, or begins a restart marker.
_MARKER = re.compile(rb"\xff[\x01-\xcf\xd8-\xfe]")


def clean(data: memoryview, orientation: int) -> Iterator[AsStored]:
    """Yield the pieces of a clean file. Raises ValueError for what is no JPEG.

    It ends where the picture ends: what follows is another one, or a film.
    """
    if data[:2] != _START:
        raise ValueError("It does not begin as a JPEG.")
    yield _START
    if orientation != exif.UPRIGHT:
        yield _segment(0xE1, b"Exif\0\0" + exif.only_orientation(orientation))
    place = 2
    while (code := _code(data, place)) != _END_CODE:
        if code == 0xFF and (fill := _FILL.match(data, place)):
            end = fill.end() - 1
        elif code in _ALONE:
            end = place + 2
        else:
            end = _end(data, place)
            yield from _kept(code, data[place:end])
        if code == _SCAN:
            found = _MARKER.search(data, end)
            begin, end = end, found.start() if found else len(data)
            yield data[begin:end]
            if not found:
                return
        place = end
    yield _END


def _code(data: memoryview, place: int) -> int:
    if place + 2 > len(data) or data[place] != 0xFF:
        raise ValueError("A marker is missing in the JPEG.")
    return data[place + 1]


def _end(data: memoryview, place: int) -> int:
    length = int.from_bytes(data[place + 2 : place + 4], "big")
    end = place + 2 + length
    if length < 2 or end > len(data):
        raise ValueError("A segment of the JPEG has no end.")
    return end


def _kept(code: int, segment: memoryview) -> Iterator[AsStored]:
    content = bytes(segment[4:24])
    if code == _JFIF[0] and content.startswith(_JFIF[1]):
        yield _segment(code, content[: _JFIF_BYTES - 2] + b"\0\0")
    elif code in _APPLICATION:
        if any((code, content[: len(name)]) == (code_, name) for code_, name in _KEPT):
            yield segment
    elif code != _COMMENT:
        yield segment


def _segment(code: int, content: bytes) -> bytes:
    return bytes((0xFF, code)) + (len(content) + 2).to_bytes(2, "big") + content
