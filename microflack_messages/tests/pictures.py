"""Pictures to try out, some with what tells about people."""

import io
import struct
import zlib

from PIL import Image
from PIL.TiffImagePlugin import IFDRational

# Something to look for in what was cleaned.
SECRET = "Ada, at home"
LATITUDE = b"\x00\x00\x00\x34"


def exif(orientation=1):
    """Return an EXIF with a place, a name, and how the picture is to be turned."""
    found = Image.Exif()
    found[0x0112] = orientation
    found[0x010F] = SECRET
    gps = found.get_ifd(0x8825)
    gps[1], gps[2] = "N", tuple(IFDRational(n, 1) for n in (52, 30, 15))
    return found.tobytes()


def picture(kind, size=(60, 40), **options):
    """Return a picture, red at its left half and blue at its right one."""
    content = io.BytesIO()
    image = Image.new("RGB", size, "red")
    image.paste("blue", (size[0] // 2, 0, *size))
    image.save(content, kind, **options)
    return content.getvalue()


def opened(content):
    """Return the picture in some bytes."""
    return Image.open(io.BytesIO(content))


def chunk(name, content):
    """Return a chunk of a PNG."""
    check = struct.pack(">I", zlib.crc32(name + content))
    return struct.pack(">I", len(content)) + name + content + check


def bomb(width, height):
    """Return a small PNG that has a lot of pixels."""
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    row = zlib.compress(b"\0" * (width + 1) * min(height, 1000), 9)
    parts = (b"IHDR", header), (b"IDAT", row), (b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*part) for part in parts)
