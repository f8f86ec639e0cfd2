"""A process of its own for one picture: it may be made to harm whoever looks into it.

    python -m microflack_messages.files.picture_process TYPE PICTURE CLEAN THUMBNAIL

The last three are open files, by their numbers. It writes the picture without what
tells about people into CLEAN, a small one into THUMBNAIL, and after each step a line of
JSON. It has little memory and time, and none of the service's secrets. The service
itself does without the memory that all this takes.
"""

import mmap
import sys
from contextlib import ExitStack
from typing import IO, Any

from microflack_common import picture_work
from microflack_common.picture_work import say
from microflack_messages.files.kinds import PICTURES

# Of the longer side of a thumbnail; small ones are not enlarged.
THUMBNAIL_PIXELS = 640
ORIENTATION = 0x0112


def clean(kind: str, source: mmap.mmap, target: IO[bytes]) -> int:
    """Write a picture without what tells about people; return its orientation."""
    from microflack_messages.files.metadata import CLEANERS

    orientation = _orientation(kind, source)
    for piece in CLEANERS[kind](memoryview(source), orientation):
        target.write(piece)
    target.flush()
    return orientation


def _orientation(kind: str, source: mmap.mmap) -> int:
    """Return how a picture is to be turned: 1, as it is, to 8."""
    try:
        found = _open(kind, source).getexif().get(ORIENTATION, 1)
    except Exception:
        return 1
    return found if found in range(1, 9) else 1


def _open(kind: str, source: Any) -> Any:
    return picture_work.open_picture(source, (kind.partition("/")[2].upper(),))


def measure(kind: str, file: IO[bytes], target: IO[bytes]) -> tuple[int, int]:
    """Write the thumbnail of a picture; return its width and height, as it is shown.

    Raises what Pillow does for what is no picture.
    """
    from PIL import ImageOps

    file.seek(0)
    with _open(kind, file) as picture:
        width, height = picture.size
        picture_work.check_size(picture)
        is_turned = picture.getexif().get(ORIENTATION, 1) >= 5
        side = (THUMBNAIL_PIXELS, THUMBNAIL_PIXELS)
        # A JPEG is read at a fraction of its size.
        picture.draft(None, (2 * THUMBNAIL_PIXELS, 2 * THUMBNAIL_PIXELS))
        picture.load()
        small = picture_work.simple(picture)
        small.thumbnail(side)
        small = ImageOps.exif_transpose(small)
        picture_work.save_webp(small, picture.info.get("icc_profile"), target)
    return (height, width) if is_turned else (width, height)


def main() -> int:
    """Clean and measure one picture."""
    picture_work.limit_itself()
    kind, *numbers = sys.argv[1:]
    with ExitStack() as stack:
        opened = [stack.enter_context(open(int(n), "r+b")) for n in numbers]
        source, cleaned, thumbnail = opened
        data = mmap.mmap(source.fileno(), 0, access=mmap.ACCESS_READ)
        say(orientation=clean(kind, data, cleaned))
        if kind in PICTURES:
            width, height = measure(kind, cleaned, thumbnail)
            say(width=width, height=height)
    return 0


if __name__ == "__main__":
    sys.exit(main())
