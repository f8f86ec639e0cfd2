"""PNG without metadata.

Source: W3C, Portable Network Graphics (Third Edition), 5.3 and 11.
"""

import zlib
from collections.abc import Iterator

from microflack_messages.files.metadata import exif
from microflack_messages.files.metadata.exif import AsStored

SIGNATURE = b"\x89PNG\r\n\x1a\n"
_HEADER, _END = b"IHDR", b"IEND"
# What the picture looks like, how it moves, and what its colours mean. Texts, times,
# EXIF, and what nobody knows, are left out.
_KEPT = {
    *(_HEADER, b"PLTE", b"IDAT", _END),
    *(b"acTL", b"fcTL", b"fdAT"),
    *(b"tRNS", b"bKGD", b"hIST", b"pHYs", b"sBIT"),
    *(b"cHRM", b"gAMA", b"iCCP", b"sRGB", b"cICP", b"mDCV", b"cLLI"),
}


def clean(data: memoryview, orientation: int) -> Iterator[AsStored]:
    """Yield the pieces of a clean file. Raises ValueError for what is no PNG."""
    if data[: len(SIGNATURE)] != SIGNATURE:
        raise ValueError("It does not begin as a PNG.")
    yield SIGNATURE
    place, name = len(SIGNATURE), b""
    while name != _END:
        name = bytes(data[place + 4 : place + 8])
        end = place + 12 + int.from_bytes(data[place : place + 4], "big")
        if end > len(data):
            raise ValueError("A chunk of the PNG has no end.")
        if name in _KEPT:
            yield data[place:end]
        if name == _HEADER and orientation != exif.UPRIGHT:
            yield _chunk(b"eXIf", exif.only_orientation(orientation))
        place = end


def _chunk(name: bytes, content: bytes) -> bytes:
    check = zlib.crc32(name + content).to_bytes(4, "big")
    return len(content).to_bytes(4, "big") + name + content + check
