"""A service's "image" without containers: a copy of its code with its own environment.

python -m mfplatform.runtime.process.images SERVICE DIR TAG...

Like a container's image it is known by an id made from all that goes into it, is never
changed once it is complete, and has tags that may move. So a new version is built
beside the one that runs.
"""

import hashlib
import shutil
import sys
from pathlib import Path

from mfplatform.packaging import environments
from mfplatform.packaging.sources import digest
from mfplatform.state.home import Home, PlatformError

# Counted up when images are laid out differently, so that all are made again.
LAYOUT = "1"


def identity(source: Path, wheels: bytes) -> str:
    """Return the id of what a source and the wheel in it make."""
    parts = (LAYOUT, sys.version, digest(source), hashlib.sha256(wheels).hexdigest())
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:12]


def build(home: Home, service: str, source: Path, tags: list[str]) -> tuple[str, bool]:
    """Have an image of a source; return its id, and whether it had to be made."""
    needed, wheels = environments.requirements(home, source / "requirements.txt")
    name = identity(source, wheels)
    images = home.images / service
    image = images / name
    (images / "tags").mkdir(parents=True, exist_ok=True)
    with home.locked(f"image-{service}"):
        made = not (image / "complete").exists()
        if made:
            _make(home, image, source, needed)
        for tag in _with_first(images, tags):
            _point(images / "tags" / tag, Path("..", name))
    return name, made


def _with_first(images: Path, tags: list[str]) -> list[str]:
    # Somebody who builds only old releases expects a plain `mfrun SERVICE` to work.
    return tags if (images / "tags" / "latest").exists() else [*tags, "latest"]


def _point(tag: Path, target: Path) -> None:
    new = tag.with_name(f".{tag.name}.new")
    new.unlink(missing_ok=True)
    new.symlink_to(target)
    new.replace(tag)


def _make(home: Home, image: Path, source: Path, needed: str) -> None:
    # Made in its final place, since an environment can't be moved; until the stamp is
    # written it does not count, and the next build starts over.
    print(f"Building {image.parent.name}", file=sys.stderr)
    shutil.rmtree(image, ignore_errors=True)
    shutil.copytree(source, image / "app", symlinks=True)
    venv = image / "venv"
    environments.make(home, venv, needed)
    compiler = [f"{venv}/bin/python", "-I", "-m", "compileall", "-q"]
    environments.run([*compiler, str(image / "app")])
    (image / "complete").touch()


def main(arguments: list[str]) -> int:
    """Build one image and say what came of it."""
    service, source, *tags = arguments
    try:
        name, made = build(Home.here(), service, Path(source), tags)
    except (PlatformError, OSError) as error:
        print(f"mfbuild: {service}: {error}", file=sys.stderr)
        return 1
    what = "built" if made else "nothing to do, it is there"
    print(f"{service} {' '.join(tags)}: image {name}, {what}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
