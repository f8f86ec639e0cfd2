"""What stays of EXIF: which way a picture is to be turned.

Source: CIPA DC-008 (Exif 3.0), 4.6.2 and 4.6.4: a TIFF file whose tag 0x0112 is a
number from 1, as it is, to 8.
"""

import struct

# A piece of a file, as it was, or made anew.
AsStored = bytes | memoryview

UPRIGHT = 1
_TAG, _SHORT = 0x0112, 3
_HEADER = b"MM\0*\0\0\0\x08"
# An EXIF without any entry.
NOTHING = _HEADER + b"\0\0" + b"\0\0\0\0"


def only_orientation(orientation: int) -> bytes:
    """Return an EXIF that says nothing but this."""
    entry = struct.pack(">HHIHH", _TAG, _SHORT, 1, orientation, 0)
    return _HEADER + struct.pack(">H", 1) + entry + b"\0\0\0\0"
