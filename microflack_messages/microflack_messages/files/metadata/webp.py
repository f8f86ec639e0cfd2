"""WebP without metadata.

Source: RFC 9649, 2.3 to 2.7 (a RIFF file, its chunks, and the flags of VP8X).
"""

from collections.abc import Iterable

from microflack_messages.files.metadata import exif
from microflack_messages.files.metadata.exif import AsStored

_EXTENDED = b"VP8X"
_KEPT = {b"VP8 ", b"VP8L", _EXTENDED, b"ALPH", b"ANIM", b"ANMF", b"ICCP"}
_HAS_EXIF, _HAS_XMP = 0x08, 0x04
_HEADER_BYTES = 12


def clean(data: memoryview, orientation: int) -> Iterable[AsStored]:
    """Return the pieces of a clean file. Raises ValueError for what is no WebP."""
    if data[:4] != b"RIFF" or data[8:_HEADER_BYTES] != b"WEBP":
        raise ValueError("It does not begin as a WebP.")
    # Only an extended one can say how it is to be turned.
    is_turned = orientation != exif.UPRIGHT
    end = 8 + int.from_bytes(data[4:8], "little")
    pieces: list[AsStored] = []
    place, is_extended = _HEADER_BYTES, False
    while place + 8 <= min(end, len(data)):
        name = bytes(data[place : place + 4])
        length = int.from_bytes(data[place + 4 : place + 8], "little")
        chunk = data[place : place + 8 + length]
        if len(chunk) < 8 + length:
            raise ValueError("A chunk of the WebP has no end.")
        if name == _EXTENDED:
            is_extended = True
            chunk = memoryview(_extended(chunk, is_turned))
        if name in _KEPT:
            pieces += [chunk, b"\0" * (length % 2)]
        place += 8 + length + length % 2
    if is_turned and is_extended:
        content = exif.only_orientation(orientation)
        pieces.append(b"EXIF" + len(content).to_bytes(4, "little") + content)
    size = 4 + sum(map(len, pieces))
    return [b"RIFF" + size.to_bytes(4, "little") + b"WEBP", *pieces]


def _extended(chunk: memoryview, is_turned: bool) -> bytes:
    if len(chunk) < 9:
        raise ValueError("The WebP has no flags.")
    flags = chunk[8] & ~(_HAS_EXIF | _HAS_XMP) | (_HAS_EXIF if is_turned else 0)
    return bytes((*chunk[:8], flags, *chunk[9:]))
