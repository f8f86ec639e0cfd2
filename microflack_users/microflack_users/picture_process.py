"""A process of its own for one picture: it may be made to harm whoever looks into it.

    python -m microflack_users.picture_process PICTURE SMALL

Both are open files, by their numbers. It writes a small square of PICTURE into SMALL,
without what the picture tells about people, and then a line of JSON.
"""

import sys
from typing import IO

from microflack_common import picture_work

FORMATS = ("PNG", "JPEG", "GIF", "WEBP", "AVIF")
PIXELS = 128


def make_small(source: IO[bytes], target: IO[bytes]) -> None:
    """Write the middle of a picture, small and upright, as WebP.

    Raises what Pillow does for what is no picture.
    """
    from PIL import ImageOps

    with picture_work.open_picture(source, FORMATS) as picture:
        picture_work.check_size(picture)
        # A JPEG is read at a fraction of its size.
        picture.draft(None, (2 * PIXELS, 2 * PIXELS))
        picture.load()
        small = picture_work.simple(picture)
        small = ImageOps.exif_transpose(ImageOps.fit(small, (PIXELS, PIXELS)))
        picture_work.save_webp(small, picture.info.get("icc_profile"), target)


def main() -> int:
    """Make one picture small."""
    picture_work.limit_itself()
    source, target = sys.argv[1:]
    with open(int(source), "r+b") as picture, open(int(target), "r+b") as small:
        make_small(picture, small)
        picture_work.say(done=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
