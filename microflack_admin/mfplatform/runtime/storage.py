"""What a runtime keeps on the disk of what was built, and how it is given up.

A runtime that takes these calls as they stand keeps nothing of its own, as one whose
images somebody else looks after. They are as those of ``base.Runtime`` otherwise.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from mfplatform.state import disk
from mfplatform.state.home import Home


@dataclass(frozen=True)
class StoredImage:
    """An image of a service.

    :param tags: what it can be called by; another image may have taken all of them.
    :param built: when it was built or asked for last, in Unix seconds.
    :param bytes: what it takes; images may share some of that.
    """

    service: str
    id: str
    version: str
    tags: tuple[str, ...]
    built: float
    bytes: int


@dataclass(frozen=True)
class Leftover:
    """What nobody can need: of a build that was interrupted, or of an older part."""

    name: str
    bytes: int


class Storage:
    """What is kept of one platform."""

    home: Home

    def stored_images(self, service: str = "") -> Sequence[StoredImage]:
        """Return the images of a service, or of all, in any order."""
        return ()

    def remove_image(self, image: StoredImage) -> bool:
        """Remove an image, and its tags; False when it is wanted nevertheless.

        That is when an instance is recorded that runs it, or when it was built or asked
        for again since it was listed. What is interrupted is completed by the next
        call, or by ``remove_leftover``; a half of an image is never run.
        """
        return False

    def leftovers(self) -> Sequence[Leftover]:
        """Return what nobody can need."""
        return ()

    def remove_leftover(self, leftover: Leftover) -> bool:
        """Remove it; False when somebody has taken it up again."""
        return False

    def images_bytes(self) -> int | None:
        """Return what all images take together; None if that cannot be known."""
        return disk.size(self.home.images)
