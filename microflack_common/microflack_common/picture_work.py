"""What a process of its own does with one picture: see ``picture_runner``.

A picture may be made to harm whoever looks into it. The process has little memory and
time. It imports nothing of Flask; Pillow, which needs much memory, only for a picture.
Needs Pillow, which services name that take pictures.
"""

import io
import json
import resource
from collections.abc import Sequence
from contextlib import suppress
from typing import IO, Any

MIB = 1024 * 1024
MEMORY_BYTES = 768 * MIB
CPU_SECONDS = 15
MAX_FILE_BYTES = 64 * MIB
# A camera's picture has 12 to 50 million; each takes four bytes.
MAX_PIXELS = 50_000_000
QUALITY = 80
# What says what colours mean is seldom larger.
MAX_PROFILE_BYTES = 64 * 1024


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


def open_picture(source: Any, formats: Sequence[str]) -> Any:
    """Return the picture in a file, not yet decoded.

    Raises what Pillow does for what is no picture of these formats.
    """
    from PIL import AvifImagePlugin, Image

    # Each thread would have memory of its own.
    AvifImagePlugin.DEFAULT_MAX_THREADS = 1
    # It is looked at by ``check_size``.
    Image.MAX_IMAGE_PIXELS = None
    return Image.open(source, formats=formats)


def check_size(picture: Any) -> None:
    """Say so and raise ValueError if a picture has more than ``MAX_PIXELS``."""
    width, height = picture.size
    if width * height > MAX_PIXELS:
        say(pixels=width * height)
        raise ValueError("It has too many pixels.")


def simple(picture: Any) -> Any:
    """Return a picture whose pixels a WebP can have."""
    mode = "RGBA" if picture.has_transparency_data else "RGB"
    if picture.mode.startswith("I"):
        # Of 16 bits of grey: the upper 8.
        picture = picture.point(lambda value: value * (1 / 256)).convert("L")
    return picture if picture.mode == mode else picture.convert(mode)


def save_webp(picture: Any, profile: bytes | None, target: IO[bytes]) -> None:
    """Write a picture as WebP, without anything that tells about people.

    :param profile: what its colours mean (ICC); left out if it is large.
    """
    content = io.BytesIO()
    kept = profile if profile and len(profile) <= MAX_PROFILE_BYTES else b""
    picture.save(content, "WEBP", quality=QUALITY, icc_profile=kept, exif=b"", xmp=b"")
    target.write(content.getbuffer())
    target.flush()
