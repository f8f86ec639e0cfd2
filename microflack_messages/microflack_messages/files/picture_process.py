"""A process of its own for one picture: it may be made to harm whoever looks into it.

    python -m microflack_messages.files.picture_process TYPE PICTURE CLEAN THUMBNAIL

The last three are open files, by their numbers. It writes the picture without what
tells about people into CLEAN, a small one into THUMBNAIL, and after each step a line of
JSON. It has little memory and time, and none of the service's secrets. The service
itself does without the memory that all this takes.
"""

import io
import json
import mmap
import resource
import sys
from contextlib import ExitStack, suppress
from typing import IO, Any

from microflack_messages.files.kinds import PICTURES

MIB = 1024 * 1024
MEMORY_BYTES = 768 * MIB
CPU_SECONDS = 15
MAX_FILE_BYTES = 64 * MIB
# A camera's picture has 12 to 50 million; each takes four bytes.
MAX_PIXELS = 50_000_000
# Of the longer side of a thumbnail; small ones are not enlarged.
THUMBNAIL_PIXELS = 640
THUMBNAIL_QUALITY = 80
# What says what colours mean is seldom larger.
MAX_PROFILE_BYTES = 64 * 1024
ORIENTATION = 0x0112


def limit_itself() -> None:
    """Take no more than is granted, and be the first to go where memory is short."""
    cpu = (CPU_SECONDS, CPU_SECONDS + 1)
    resource.setrlimit(resource.RLIMIT_CPU, cpu)
    for what, most in (
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_FSIZE, MAX_FILE_BYTES),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))
    with suppress(OSError), open("/proc/self/oom_score_adj", "w") as file:
        file.write("1000")


def say(**what: Any) -> None:
    """Tell the service how far it is."""
    print(json.dumps(what), flush=True)


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
    from PIL import AvifImagePlugin, Image

    # Each thread would have memory of its own.
    AvifImagePlugin.DEFAULT_MAX_THREADS = 1
    Image.MAX_IMAGE_PIXELS = None
    return Image.open(source, formats=(kind.partition("/")[2].upper(),))


def measure(kind: str, file: IO[bytes], target: IO[bytes]) -> tuple[int, int]:
    """Write the thumbnail of a picture; return its width and height, as it is shown.

    Raises what Pillow does for what is no picture.
    """
    from PIL import ImageOps

    file.seek(0)
    with _open(kind, file) as picture:
        width, height = picture.size
        if width * height > MAX_PIXELS:
            say(pixels=width * height)
            raise ValueError("It has too many pixels.")
        is_turned = picture.getexif().get(ORIENTATION, 1) >= 5
        side = (THUMBNAIL_PIXELS, THUMBNAIL_PIXELS)
        # A JPEG is read at a fraction of its size.
        picture.draft(None, (2 * THUMBNAIL_PIXELS, 2 * THUMBNAIL_PIXELS))
        picture.load()
        small = _simple(picture)
        small.thumbnail(side)
        small = ImageOps.exif_transpose(small)
        _save(small, picture.info.get("icc_profile"), target)
    return (height, width) if is_turned else (width, height)


def _simple(picture: Any) -> Any:
    """Return a picture whose pixels a WebP can have."""
    has_alpha = picture.has_transparency_data
    mode = "RGBA" if has_alpha else "RGB"
    if picture.mode.startswith("I"):
        # Of 16 bits of grey: the upper 8.
        picture = picture.point(lambda value: value * (1 / 256)).convert("L")
    return picture if picture.mode == mode else picture.convert(mode)


def _save(small: Any, profile: bytes | None, target: IO[bytes]) -> None:
    content = io.BytesIO()
    kept = profile if profile and len(profile) <= MAX_PROFILE_BYTES else b""
    small.save(
        content, "WEBP", quality=THUMBNAIL_QUALITY, icc_profile=kept, exif=b"", xmp=b""
    )
    target.write(content.getbuffer())
    target.flush()


def main() -> int:
    """Clean and measure one picture."""
    limit_itself()
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
