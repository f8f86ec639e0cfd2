"""What a file is, by its first bytes. What its name or its sender says is not believed.

Source: the registrations of the media types at IANA, and the specifications of the
formats, which say how a file begins.
"""

PICTURES = {"image/png", "image/jpeg", "image/gif", "image/webp", "image/avif"}
# What a browser cannot show everywhere, but has the same metadata.
HEIC = "image/heic"
# So many first bytes are enough.
HEAD_BYTES = 4096
UNKNOWN, TEXT = "application/octet-stream", "text/plain"

_SIGNATURES = (
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"GIF87a", "image/gif"),
    (0, b"GIF89a", "image/gif"),
    (8, b"WEBP", "image/webp"),
    (0, b"%PDF-", "application/pdf"),
    (0, b"PK\x03\x04", "application/zip"),
    (0, b"\x1f\x8b", "application/gzip"),
    (0, b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (0, b"OggS", "audio/ogg"),
    (0, b"fLaC", "audio/flac"),
    (0, b"ID3", "audio/mpeg"),
    (8, b"WAVE", "audio/wav"),
    (0, b"\x1a\x45\xdf\xa3", "video/webm"),
)
# By what an ISO media file says that it can be read as; the first that is found.
_BRANDS = (
    ({b"avif", b"avis"}, "image/avif"),
    ({b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1"}, HEIC),
    ({b"qt  "}, "video/quicktime"),
    ({b"M4A "}, "audio/mp4"),
)
# Tabs, ends of lines, and all that is printed.
_CONTROLS = {*range(0x20), 0x7F} - {*b"\t\n\f\r"}


def kind_of(head: bytes) -> str:
    """Return the media type of a file.

    :param head: its first ``HEAD_BYTES`` bytes, or all of it.
    """
    for place, signature, kind in _SIGNATURES:
        if head[place : place + len(signature)] == signature:
            return kind
    if head[4:8] == b"ftyp":
        end = int.from_bytes(head[:4], "big")
        brands = {head[8:12], *(head[n : n + 4] for n in range(16, min(end, 256), 4))}
        found = (kind for some, kind in _BRANDS if some & brands)
        return next(found, "video/mp4")
    return TEXT if _is_text(head) else UNKNOWN


def _is_text(head: bytes) -> bool:
    if not _CONTROLS.isdisjoint(head):
        return False
    try:
        # The last character may be cut off.
        head.decode(errors="strict")
    except UnicodeDecodeError as error:
        return len(head) == HEAD_BYTES and error.start > HEAD_BYTES - 4
    return True
