"""The images in MF_HOME: which there are, and how they are given up."""

import fcntl
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

from mfplatform.runtime.process import images
from mfplatform.runtime.storage import Leftover, Storage, StoredImage
from mfplatform.state import disk, instances
from mfplatform.state.home import Home, PlatformError


def _folders(home: Home, service: str = "") -> Iterator[Path]:
    """Yield the folders of images, whole ones and others."""
    for folder in sorted(home.images.glob(f"{service or '*'}/*")):
        if folder.name != "tags" and not folder.name.startswith("."):
            yield folder


def stored(home: Home, service: str = "") -> Iterator[StoredImage]:
    """Yield the images that are whole."""
    for folder in _folders(home, service):
        try:
            yield _described(home, folder)
        except (PlatformError, FileNotFoundError):
            # Not whole, or removed in this moment.
            continue


def _described(home: Home, folder: Path) -> StoredImage:
    service = folder.parent.name
    found = images.find(home, service, folder.name)
    # A store that several platforms share is not this platform's to count.
    size = 0 if folder.is_symlink() else disk.size(folder)
    tags = tuple(tag.name for tag in _tags(folder))
    return StoredImage(service, found.id, found.version, tags, _built(folder), size)


def _tags(folder: Path) -> list[Path]:
    tags = sorted((folder.parent / "tags").glob("[!.]*"))
    return [tag for tag in tags if tag.readlink().name == folder.name]


def _built(folder: Path) -> float:
    asked = [tag.lstat().st_mtime for tag in _tags(folder)]
    return max(folder.lstat().st_mtime, *asked) if asked else folder.lstat().st_mtime


def remove(home: Home, image: StoredImage) -> bool:
    """Remove an image; False when it is wanted nevertheless."""
    folder = home.images / image.service / image.id
    with home.locked(f"image-{image.service}"):
        # An instance is recorded first, and then looks whether its image is there.
        with home.locked("instances"):
            if _is_wanted(home, image) or _built(folder) != image.built:
                return False
            for tag in _tags(folder):
                tag.unlink()
            if folder.is_symlink():
                folder.unlink()
                return True
            # Without it all the rest is what an interrupted build has left.
            (folder / "complete").unlink()
        shutil.rmtree(folder)
    return True


def _is_wanted(home: Home, image: StoredImage) -> bool:
    recorded = instances.all_instances(home)
    return any(
        (one.service, one.image) == (image.service, image.id) for one in recorded
    )


def leftovers(home: Home) -> Iterator[Leftover]:
    """Yield what interrupted builds have left."""
    for folder in _folders(home):
        service = folder.parent.name
        if not (folder / "complete").exists() and not _is_building(home, service):
            name = str(folder.relative_to(home.path))
            yield Leftover(name, disk.size(folder))


def _is_building(home: Home, service: str) -> bool:
    try:
        with open(home.path / "locks" / f"image-{service}.lock") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False


def remove_leftover(home: Home, leftover: Leftover) -> bool:
    """Remove it; False when a build has begun it anew and ended."""
    folder = home.path / leftover.name
    with home.locked(f"image-{folder.parent.name}"):
        if (folder / "complete").exists():
            return False
        for tag in _tags(folder):
            tag.unlink()
        if folder.is_symlink():
            folder.unlink()
        else:
            shutil.rmtree(folder, ignore_errors=True)
    return True


class FolderStorage(Storage):
    """The images in the folder of the platform."""

    def stored_images(self, service: str = "") -> Sequence[StoredImage]:
        """Return the images of a service, or of all."""
        return list(stored(self.home, service))

    def remove_image(self, image: StoredImage) -> bool:
        """Remove an image, and its tags; False when it is wanted nevertheless."""
        return remove(self.home, image)

    def leftovers(self) -> Sequence[Leftover]:
        """Return what interrupted builds have left."""
        return list(leftovers(self.home))

    def remove_leftover(self, leftover: Leftover) -> bool:
        """Remove it; False when it was built anew."""
        return remove_leftover(self.home, leftover)
