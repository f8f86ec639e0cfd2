"""Which images run, or are needed by an upgrade under way or by the way back."""

from collections.abc import Iterator
from itertools import islice

from mfplatform.state import instances
from mfplatform.state.home import Home, PlatformError
from mfplatform.upgrade.lock import UpgradeLock
from mfplatform.upgrade.store import UpgradeStore
from microflack_common.registry import Registry, RegistryError

# Of each service.
KEPT_UPGRADES = 5
# Service and id.
Key = tuple[str, str]


class ImagesStay(PlatformError):
    """Raised when it cannot be known which images are needed; the text says why."""


def of_upgrades(store: UpgradeStore) -> Iterator[Key]:
    """Yield the images that an upgrade under way, or the way back, needs."""
    if (current := store.current()) is not None:
        ids = [one.image for one in current.old]
        ids += [one.image for one in (*current.ahead, *current.behind)]
        yield from ((current.service, one) for one in (current.image, *ids))
    history = store.history()
    for service in {entry["service"] for entry in history}:
        own = [entry for entry in history if entry["service"] == service]
        # The last that was completed can be longer ago.
        for entry in (*own[-KEPT_UPGRADES:], *islice(store.completed(service), 1)):
            for name in ("image_from", "image_to", "image_before"):
                if found := entry.get(name):
                    yield service, found


def needed_images(home: Home) -> set[Key]:
    """Return the images that run or will have to.

    :raises ImagesStay: the registry does not tell, or an upgrade is at work, which may
        know of an image what nobody else does.
    """
    registry = Registry(home.etcd)
    store = UpgradeStore(registry)
    try:
        if (holder := UpgradeLock(registry).holder()) is not None:
            raise ImagesStay(f"an upgrade is under way: {holder}")
        # Twice: what begins or ends in between is seen in one of them, or runs.
        found = set(of_upgrades(store))
        found |= {(one.service, one.image) for one in instances.all_instances(home)}
        return found | set(of_upgrades(store))
    except RegistryError as error:
        raise ImagesStay(str(error)) from error
