"""GIF without metadata.

Source: CompuServe, GIF89a Specification, 18 to 27.
"""

from collections.abc import Iterator

from microflack_messages.files.metadata.exif import AsStored

_IMAGE, _EXTENSION, _END = 0x2C, 0x21, 0x3B
_CONTROL, _APPLICATION = 0xF9, 0xFF
# How often it moves, and what its colours mean.
_APPLICATIONS = {b"NETSCAPE2.0", b"ANIMEXTS1.0", b"ICCRGBG1012"}
_HEADER_BYTES, _IMAGE_BYTES, _NAME_BYTES = 13, 10, 11
_HAS_COLOURS = 0x80


def clean(data: memoryview, _orientation: int) -> Iterator[AsStored]:
    """Yield the pieces of a clean file. Raises ValueError for what is no GIF."""
    if data[:6] not in (b"GIF87a", b"GIF89a") or len(data) < _HEADER_BYTES:
        raise ValueError("It does not begin as a GIF.")
    place = _HEADER_BYTES + _colour_bytes(data[10])
    yield data[:place]
    while place < len(data) and data[place] != _END:
        if data[place] == _IMAGE and place + _IMAGE_BYTES <= len(data):
            colours = _colour_bytes(data[place + 9])
            # After the colours comes one byte, and then the pixels.
            end = _end(data, place + _IMAGE_BYTES + colours + 1)
            yield data[place:end]
        elif data[place] == _EXTENSION and place + 2 <= len(data):
            end = _end(data, place + 2)
            if _is_kept(data[place + 1], data[place + 2 : end]):
                yield data[place:end]
        else:
            raise ValueError("There is an unknown block in the GIF.")
        place = end
    # Many have no end, and are shown.
    yield bytes((_END,))


def _is_kept(kind: int, blocks: memoryview) -> bool:
    name = bytes(blocks[1 : 1 + _NAME_BYTES])
    return kind == _CONTROL or (kind == _APPLICATION and name in _APPLICATIONS)


def _colour_bytes(flags: int) -> int:
    return 3 * 2 ** ((flags & 7) + 1) if flags & _HAS_COLOURS else 0


def _end(data: memoryview, place: int) -> int:
    """Return where blocks end: each says how long it is, the last is empty."""
    while place < len(data) and data[place]:
        place += 1 + data[place]
    return min(place + 1, len(data))
