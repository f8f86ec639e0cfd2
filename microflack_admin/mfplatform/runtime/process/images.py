"""A service's "image" without containers: a copy of its code with its own environment.

Like a container's image it is known by an id made from all that goes into it, is never
changed once it is complete, and has tags that may move. So a new version is built
beside the one that runs. Platforms whose homes have a link "image-store" to the same
folder share what they build.
"""

import fcntl
import hashlib
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from mfplatform.packaging import environments, requirements
from mfplatform.packaging.requirements import Needs
from mfplatform.packaging.sources import digest
from mfplatform.runtime.process.program_config import SYSTEM_PATH, base_environment
from mfplatform.state import accounts, instances, membership, older_images, releases
from mfplatform.state.home import Home, PlatformError, read_env
from mfplatform.state.instances import Build, Image, Instance

# Counted up when images are laid out differently, so that all are made again.
LAYOUT = "1"


def identity(source: Path, wheels: bytes) -> str:
    """Return the id of what a source and the wheel in it make."""
    parts = (LAYOUT, sys.version, digest(source), hashlib.sha256(wheels).hexdigest())
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:12]


def build(home: Home, service: str, source: Path, tags: Sequence[str]) -> Build:
    """Have an image of a source."""
    needs = requirements.read(home, source / "requirements.txt")
    name = identity(source, needs.contents())
    images = home.images / service
    image = images / name
    (images / "tags").mkdir(parents=True, exist_ok=True)
    with home.locked(f"image-{service}"):
        made = not _is_whole(image)
        if made and home.image_store.exists():
            _link(home, image, source, needs)
        elif made:
            _make(home, image, source, needs)
        for tag in _with_first(images, tags):
            _point(images / "tags" / tag, Path("..", name))
    return Build(name, made)


def _with_first(images: Path, tags: Sequence[str]) -> Sequence[str]:
    # Somebody who builds only old releases expects a plain `mfrun SERVICE` to work.
    return tags if (images / "tags" / "latest").exists() else [*tags, "latest"]


def _point(tag: Path, target: Path) -> None:
    new = tag.with_name(f".{tag.name}.new")
    new.unlink(missing_ok=True)
    new.symlink_to(target)
    new.replace(tag)


def _link(home: Home, image: Path, source: Path, needs: Needs) -> None:
    """Have an image in the store that platforms share, and link to it."""
    # Where it really is: the way there through this home may be gone one day.
    stored = home.image_store.resolve() / image.parent.name / image.name
    stored.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with open(stored.parent / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not _is_whole(stored):
            _make(home, stored, source, needs)
        # By its time those can be found that nobody uses any more.
        (stored / "complete").touch()
    shutil.rmtree(image, ignore_errors=True)
    image.symlink_to(stored)


def _is_whole(image: Path) -> bool:
    # An upgrade of the distribution may have taken away what its Python is a link to.
    return (image / "complete").exists() and (image / "venv/bin/python").exists()


def _make(home: Home, image: Path, source: Path, needs: Needs) -> None:
    # Made in its final place, since an environment can't be moved; until the stamp is
    # written it does not count, and the next build starts over.
    print(f"Building {image.parent.name}", file=sys.stderr)
    shutil.rmtree(image, ignore_errors=True)
    shutil.copytree(source, image / "app", symlinks=True)
    venv = image / "venv"
    environments.make(home, venv, needs)
    compiler = [f"{venv}/bin/python", "-I", "-m", "compileall", "-q"]
    environments.run([*compiler, str(image / "app")])
    _describe(image)
    (image / "complete").touch()


def _describe(image: Path) -> None:
    # Here and not above: every command would wait for its libraries.
    from mfplatform.packaging import sbom

    version = (image / "app" / "VERSION").read_text(encoding="utf-8").strip()
    sbom.write(image / sbom.FILE, image.parent.name, version, image)


def find(home: Home, service: str, tag: str) -> Image:
    """Return an image by one of its tags or its id; PlatformError if there is none."""
    tags = home.images / service / "tags"
    for folder in ((tags / tag).resolve(), home.images / service / tag):
        if "/" not in tag and (folder / "complete").exists():
            version = (folder / "app" / "VERSION").read_text(encoding="utf-8")
            told = read_env(folder / "app" / "service.env")
            return Image(
                id=folder.name,
                version=version.strip(),
                runs_beside=told.get(releases.KEY, ""),
                knows_access=told.get(membership.KNOWN) == "yes",
            )
    raise instances.no_image(service, tag, [path.name for path in tags.glob("*")])


def folder_of(home: Home, instance: Instance) -> Path:
    """Return the folder of an instance's image; PlatformError if it is gone."""
    folder = home.images / instance.service / instance.image
    if not (folder / "complete").exists():
        raise PlatformError(f"the image of {instance.name} is gone: {folder}")
    if not _is_whole(folder):
        with home.locked(f"image-{instance.service}"):
            _make_environment_again(home, folder)
    return folder


def _make_environment_again(home: Home, image: Path) -> None:
    if _is_whole(image):
        return
    print(f"Building {image.parent.name} again: its Python is gone", file=sys.stderr)
    needs = requirements.read(home, image / "app" / "requirements.txt")
    shutil.rmtree(image / "venv", ignore_errors=True)
    environments.make(home, image / "venv", needs)


def environment(home: Home, instance: Instance, folder: Path) -> dict[str, str]:
    """Return all of the environment of an instance that runs an image's folder."""
    own = {
        "PATH": f"{folder / 'venv' / 'bin'}:{SYSTEM_PATH}",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    service_settings = read_env(folder / "app" / "service.env")
    if not accounts.is_declared(service_settings):
        own["PYTHONPATH"] = str(older_images.folder(home))
    given = instances.environment(home, instance, service_settings)
    return base_environment() | own | given
