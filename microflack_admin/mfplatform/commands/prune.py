"""Remove what is not needed any more: old images, leftovers of builds, old logs.

    python -m mfplatform.commands.prune [--dry-run] [--json]
    python -m mfplatform.commands.prune --built-since SECONDS SERVICE...

The second is for mfbuild, which has just built these services: of what it was asked for
since then all images stay.
"""

import json
import math
import shutil
import sys
from collections.abc import Collection, Iterator, Sequence
from dataclasses import asdict, dataclass

from mfplatform.runtime import base
from mfplatform.runtime.base import Runtime
from mfplatform.runtime.storage import StoredImage
from mfplatform.state import disk, measured_disk, old_files
from mfplatform.state.home import Home, PlatformError
from mfplatform.upgrade.needed_images import ImagesStay, Key, needed_images

# Of each service.
KEPT_RELEASES = 5


@dataclass(frozen=True)
class Removed:
    """What was removed, or would be; ``kind`` is image, leftover or log."""

    kind: str
    name: str
    bytes: int


def superfluous(
    images: Sequence[StoredImage], needed: Collection[Key], recent: float = math.inf
) -> list[StoredImage]:
    """Return the images that can go.

    What stays is needed, or has a tag and is of one of the releases of its service that
    were built or asked for last. The latest image stays in any case.

    :param needed: what runs, and what an upgrade or the way back needs.
    :param recent: what was built or asked for since then stays, if it has a tag.
    """
    newest_first = sorted(images, key=lambda one: one.built, reverse=True)
    releases: dict[str, list[str]] = {}
    for one in newest_first:
        known = releases.setdefault(one.service, [])
        if one.tags and one.version not in known:
            known.append(one.version)

    def stays(one: StoredImage) -> bool:
        if (one.service, one.id) in needed or "latest" in one.tags:
            return True
        is_recent = one.built >= recent
        is_kept = one.version in releases[one.service][:KEPT_RELEASES]
        return bool(one.tags) and (is_recent or is_kept)

    return [one for one in newest_first if not stays(one)]


def prune_images(
    home: Home,
    runtime: Runtime,
    service: str = "",
    is_dry: bool = False,
    recent: float = math.inf,
) -> Iterator[Removed]:
    """Remove old images of a service, or of all; yield each.

    :raises ImagesStay: it cannot be known which are needed.
    """
    if not runtime.is_running():
        raise ImagesStay("the platform does not run, so what it needs is not known")
    # Before it is asked whether an upgrade is at work: what lost its tags later was
    # not listed, and who took an image by its tag before has the lock by now.
    images = runtime.stored_images(service)
    for one in superfluous(images, needed_images(home), recent):
        if is_dry or runtime.remove_image(one):
            name = f"{one.service} {one.version} ({one.id})"
            yield Removed("image", name, one.bytes)


def prune_rest(home: Home, runtime: Runtime, is_dry: bool) -> Iterator[Removed]:
    """Remove what builds left, and old logs; yield each."""
    for left in runtime.leftovers():
        if is_dry or runtime.remove_leftover(left):
            yield Removed("leftover", left.name, left.bytes)
    for folder in old_files.build_folders():
        size = disk.size(folder)
        if not is_dry:
            shutil.rmtree(folder, ignore_errors=True)
        yield Removed("leftover", str(folder), size)
    for file in old_files.logs(home):
        size = disk.size(file)
        if not is_dry:
            file.unlink(missing_ok=True)
        yield Removed("log", file.name, size)


def after_build(home: Home, services: Sequence[str], since: float) -> str:
    """Remove old images of services that were built; return what to say of it."""
    try:
        runtime = base.create(home)
        with home.locked("prune"):
            gone = [
                one
                for service in services
                for one in prune_images(home, runtime, service, recent=since)
            ]
    except (PlatformError, OSError):
        # What it is for is the build; mfprune says what stands in the way.
        return ""
    total = disk.plain(sum(one.bytes for one in gone))
    return f"{len(gone)} old images removed, {total} freed" if gone else ""


def show(gone: Sequence[Removed], is_dry: bool) -> str:
    """Return it for people."""
    total = disk.plain(sum(one.bytes for one in gone))
    lines = [f"{one.kind}  {one.name}  {disk.plain(one.bytes)}" for one in gone]
    word = "would be freed" if is_dry else "freed"
    return "\n".join([*lines, f"{total} {word}" if gone else "Nothing to remove."])


def main(arguments: list[str]) -> int:
    """Remove it all, and say what."""
    home, is_dry = Home.here(), "--dry-run" in arguments
    if arguments[:1] == ["--built-since"]:
        _, since, *services = arguments
        if said := after_build(home, sorted(set(services)), float(since)):
            print(said, file=sys.stderr)
        return 0
    gone: list[Removed] = []
    kept = None
    try:
        runtime = base.create(home)
        with home.locked("prune"):
            try:
                gone += prune_images(home, runtime, is_dry=is_dry)
            except ImagesStay as error:
                kept = str(error)
                print(f"mfprune: all images stay: {kept}", file=sys.stderr)
            gone += prune_rest(home, runtime, is_dry)
        measured_disk.forget(home)
    except (PlatformError, OSError) as error:
        print(f"mfprune: {error}", file=sys.stderr)
        return 1
    if "--json" in arguments:
        total = sum(one.bytes for one in gone)
        told = {"dry_run": is_dry, "freed": total, "images_stay": kept}
        print(json.dumps(told | {"removed": [asdict(one) for one in gone]}, indent=2))
    else:
        print(show(gone, is_dry))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
