"""Have pictures cleaned and made small, each by a process of its own."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from microflack_common.picture_runner import TIMEOUT_SECONDS, run

PROCESS = "microflack_messages.files.picture_process"
FOLDER = Path(__file__).parents[2]


@dataclass
class Picture:
    """What came of a file that begins like a picture.

    :param cleaned: without what tells about people; None if it could not be read.
    :param width: in pixels, as it is shown; None if it is no picture after all.
    :param thumbnail: a small one, as WebP.
    """

    cleaned: IO[bytes] | None
    width: int | None
    height: int | None
    thumbnail: IO[bytes] | None


def process(
    source: IO[bytes],
    kind: str,
    new_file: Callable[[], IO[bytes]],
    timeout_seconds: float = TIMEOUT_SECONDS,
) -> Picture:
    """Return what is in a file that begins like a picture of this type.

    :param source: a file on the disk.
    :param new_file: makes another one.
    :param timeout_seconds: until it has to be done.

    Raises TooManyPixels, and ServiceUnavailable if it takes too long.
    """
    cleaned, thumbnail = new_file(), new_file()
    files = source, cleaned, thumbnail
    said = run(PROCESS, FOLDER, [kind], files, timeout_seconds)
    is_picture = "width" in said
    return Picture(
        cleaned if "orientation" in said else None,
        said.get("width"),
        said.get("height"),
        thumbnail if is_picture else None,
    )
