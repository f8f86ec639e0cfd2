"""Take out of pictures what tells about people: where, when, with what they were made.

Nothing is compressed anew, so nothing of the picture itself is lost. Of EXIF only
how it is to be turned stays.
"""

from collections.abc import Callable, Iterable

from microflack_messages.files.metadata import gif, heif, jpeg, png, webp
from microflack_messages.files.metadata.exif import AsStored

# For each type: takes a file and its orientation, and yields the pieces of a clean one.
# Raises ValueError for what is no such file.
CLEANERS: dict[str, Callable[[memoryview, int], Iterable[AsStored]]] = {
    "image/png": png.clean,
    "image/jpeg": jpeg.clean,
    "image/gif": gif.clean,
    "image/webp": webp.clean,
    "image/avif": heif.clean,
    "image/heic": heif.clean,
}
