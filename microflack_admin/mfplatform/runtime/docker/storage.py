"""The images that the engine keeps: which there are, and how they are given up.

All platforms of an engine share them. It removes none that a container is made of.
"""

import http.client
import json
from collections.abc import Iterator, Sequence
from typing import Any

from mfplatform.runtime.docker import deaths, engine, images
from mfplatform.runtime.storage import Leftover, Storage, StoredImage
from mfplatform.state import instances
from mfplatform.state.home import Home
from mfplatform.unix_http import UnixConnection

# Of each part of the platform: other checkouts may need others than this one.
KEPT_OF_A_PART = 5
DISK_USE = "/v1.41/system/df"
DISK_USE_TIMEOUT_SECONDS = 30


def _listed(*filters: str) -> list[dict[str, Any]]:
    """Return what there is to know of images that have certain labels."""
    words = [word for each in filters for word in ("--filter", f"label={each}")]
    ids = engine.docker("image", "ls", "--quiet", "--no-trunc", *words).split()
    return engine.inspect_images(*sorted(set(ids)))


def stored(service: str = "") -> Iterator[StoredImage]:
    """Yield the images of services."""
    for found in _listed(
        "app=microflack", f"service={service}" if service else "service"
    ):
        told = images.labels(found)
        named = f"{images.name(told['service'])}:"
        tags = [tag for tag in found["RepoTags"] or () if tag.startswith(named)]
        if found["RepoTags"] and not tags:
            # Somebody keeps it under a name of their own.
            continue
        yield StoredImage(
            service=told["service"],
            id=images.short_id(found),
            version=told.get("version", ""),
            tags=tuple(sorted(tag.removeprefix(named) for tag in tags)),
            built=_built(found),
            bytes=found["Size"],
        )


def _built(found: dict[str, Any]) -> float:
    # The engine writes the year 1 for what never had a tag.
    tagged = (found.get("Metadata") or {}).get("LastTagTime")
    return max(deaths.seconds(each) for each in (found["Created"], tagged) if each)


def remove(home: Home, image: StoredImage) -> bool:
    """Remove an image; False when it is wanted nevertheless."""
    # An instance is recorded first, and then looks whether its image is there.
    with home.locked("instances"):
        found = engine.image(image.id)
        wanted = any(one.image == image.id for one in instances.all_instances(home))
        if wanted or found is None or _built(found) != image.built:
            return False
        if _is_used(found["Id"]):
            return False
        names = [f"{images.name(image.service)}:{tag}" for tag in image.tags]
        return _remove(*(names or [found["Id"]]))


def _is_used(full_id: str) -> bool:
    # Taking a name from what is used would go, and leave it without one.
    mark = f"ancestor={full_id}"
    return bool(engine.docker("ps", "--all", "--quiet", "--filter", mark).strip())


def _remove(*names: str) -> bool:
    done = engine.call("image", "rm", *names)
    said = done.stderr.lower()
    if done.returncode and "no such image" not in said and "conflict" not in said:
        raise engine.EngineError(engine.explain(done.stderr))
    return not done.returncode


def leftovers() -> Iterator[Leftover]:
    """Yield old images of the platform's parts, which are known by their content."""
    by_part: dict[str, list[tuple[float, Leftover]]] = {}
    for found in _listed("app=microflack-platform"):
        for name in found["RepoTags"] or [found["Id"]]:
            old = Leftover(name, found["Size"])
            by_part.setdefault(name.partition(":")[0], []).append((_built(found), old))
    for several in by_part.values():
        newest_first = sorted(several, key=lambda pair: pair[0], reverse=True)
        for _, old in newest_first[KEPT_OF_A_PART:]:
            yield old


def remove_leftover(leftover: Leftover) -> bool:
    """Remove it; False when a container is made of it."""
    found = engine.image(leftover.name)
    if found is None or _is_used(found["Id"]):
        return False
    return _remove(leftover.name)


def images_bytes() -> int | None:
    """Return what the images of services take, and what they share once."""
    connection = UnixConnection(str(engine.socket()), DISK_USE_TIMEOUT_SECONDS)
    try:
        connection.request("GET", DISK_USE)
        every = json.loads(connection.getresponse().read())["Images"] or []
        own = [one for one in every if "service" in (one["Labels"] or {})]
        alone = sum(one["Size"] - max(one["SharedSize"], 0) for one in own)
        return int(alone + max((one["SharedSize"] for one in own), default=0))
    except (OSError, http.client.HTTPException, ValueError, KeyError, TypeError):
        return None
    finally:
        connection.close()


class EngineStorage(Storage):
    """The images of the machine's engine."""

    def stored_images(self, service: str = "") -> Sequence[StoredImage]:
        """Return the images of a service, or of all."""
        return list(stored(service))

    def remove_image(self, image: StoredImage) -> bool:
        """Remove an image, and its tags; False when it is wanted nevertheless."""
        return remove(self.home, image)

    def leftovers(self) -> Sequence[Leftover]:
        """Return old images of the platform's parts."""
        return list(leftovers())

    def remove_leftover(self, leftover: Leftover) -> bool:
        """Remove it; False when a container is made of it."""
        return remove_leftover(leftover)

    def images_bytes(self) -> int | None:
        """Return what the images of services take."""
        return images_bytes()
