"""AVIF and HEIC without metadata.

What tells about people is overwritten where it is: everything else keeps its place, by
which such a file finds it. How the picture is to be turned is no metadata here.

Sources: ISO/IEC 14496-12, 8.11 (items and where they are); ISO/IEC 23008-12, A.2
(EXIF); AV1 Image File Format 1.1.
"""

from collections.abc import Iterator

from microflack_messages.files.metadata import exif
from microflack_messages.files.metadata.boxes import Box, Reader, boxes

# Items of these types: EXIF, and XML or other text.
_PERSONAL_ITEMS = {b"Exif", b"mime", b"uri "}
# Boxes at the top, and in the description of films, that hold what anybody puts there.
_PERSONAL_BOXES = {b"uuid", b"free", b"skip", b"udta"}
_NESTED = {b"moov", b"trak"}
_IN_FILE, _IN_ITEM_DATA = 0, 1
_NO_EXIF = b"\0\0\0\0" + exif.NOTHING

Region = tuple[int, int]


def clean(data: memoryview, _orientation: int) -> list[memoryview]:
    """Return a clean file. Raises ValueError for what is no such picture."""
    cleaned = memoryview(bytearray(data))
    has_items = False
    for box in boxes(data, 0, len(data)):
        if box.kind == b"meta":
            has_items = True
            for kind, begin, end in _items(data, box):
                _overwrite(cleaned, begin, end, kind)
        _empty_boxes(data, cleaned, box)
    if not has_items:
        raise ValueError("There is nothing in the picture.")
    return [cleaned]


def _empty_boxes(data: memoryview, cleaned: memoryview, box: Box) -> None:
    if box.kind in _PERSONAL_BOXES:
        cleaned[box.head + 4 : box.head + 8] = b"free"
        _overwrite(cleaned, box.begin, box.end)
    elif box.kind in _NESTED:
        for inner in boxes(data, box.begin, box.end):
            if inner.kind == b"meta":
                inner = inner._replace(kind=b"udta")
            _empty_boxes(data, cleaned, inner)


def _overwrite(cleaned: memoryview, begin: int, end: int, kind: bytes = b"") -> None:
    if not begin <= end <= len(cleaned):
        raise ValueError("Something of the picture is not in it.")
    size = end - begin
    content = _NO_EXIF if kind == b"Exif" and size >= len(_NO_EXIF) else b""
    cleaned[begin:end] = content + bytes(size - len(content))


def _items(data: memoryview, meta: Box) -> Iterator[tuple[bytes, int, int]]:
    """Yield the type and the place of everything that tells about people."""
    # Its version and flags come first.
    inner = {box.kind: box for box in boxes(data, meta.begin + 4, meta.end)}
    if b"iinf" not in inner or b"iloc" not in inner:
        return
    personal = dict(_personal_items(data, inner[b"iinf"]))
    item_data = inner[b"idat"].begin if b"idat" in inner else 0
    for item, method, begin, size in _extents(data, inner[b"iloc"]):
        if item not in personal:
            continue
        if method not in (_IN_FILE, _IN_ITEM_DATA) or not size:
            raise ValueError("It is not said where something of the picture is.")
        begin += item_data if method == _IN_ITEM_DATA else 0
        yield personal[item], begin, begin + size


def _personal_items(data: memoryview, iinf: Box) -> Iterator[tuple[int, bytes]]:
    version = data[iinf.begin]
    begin = iinf.begin + (6 if version == 0 else 8)
    for entry in boxes(data, begin, iinf.end):
        reader = Reader(data, entry.begin, entry.end)
        version = reader.number(4) >> 24
        item = reader.number(4 if version == 3 else 2)
        reader.number(2)
        kind = bytes(data[reader.place : reader.place + 4])
        if version >= 2 and kind in _PERSONAL_ITEMS:
            yield item, kind


def _extents(data: memoryview, iloc: Box) -> Iterator[tuple[int, int, int, int]]:
    """Yield item, method, begin and size of all that ``iloc`` says."""
    reader = Reader(data, iloc.begin, iloc.end)
    version = reader.number(4) >> 24
    sizes, more_sizes = reader.number(1), reader.number(1)
    offset_bytes, length_bytes, base_bytes = sizes >> 4, sizes & 15, more_sizes >> 4
    index_bytes = more_sizes & 15 if version else 0
    for _ in range(reader.number(4 if version == 2 else 2)):
        item = reader.number(4 if version == 2 else 2)
        method = reader.number(2) & 15 if version else _IN_FILE
        reader.number(2)
        base = reader.number(base_bytes)
        for _ in range(reader.number(2)):
            reader.number(index_bytes)
            begin = base + reader.number(offset_bytes)
            yield item, method, begin, reader.number(length_bytes)
