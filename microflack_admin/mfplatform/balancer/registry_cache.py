"""Remember the last good state of the registry while it has lost its keys.

Three things make keys vanish that nobody has removed: etcd came back without its data;
etcd (or this machine) was away for longer than the keys live; somebody removed the
whole tree. The services register again within seconds. Until then, for GRACE_SECONDS,
the keys that were known stay valid, except those that came back and were removed again.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from mfplatform.state.home import write_private
from microflack_common.registry import Tree

GRACE_SECONDS = 60.0
# Keys live 50 s and are refreshed every 15 s: a shorter absence expires none of them.
LONG_ABSENCE_SECONDS = 20.0


@dataclass(frozen=True)
class RegistryCache:
    """The registry as it was last read, and the lost keys that still count."""

    index: int = 0
    created: int | None = None
    values: Mapping[str, str] = field(default_factory=dict)
    # Wall clock, in seconds, as are all times here.
    read_at: float | None = None
    lost_values: Mapping[str, str] = field(default_factory=dict)
    grace_until: float = 0.0

    @property
    def all_values(self) -> dict[str, str]:
        """Return every key that counts now."""
        return {**self.lost_values, **self.values}


def update(cache: RegistryCache, tree: Tree, now: float) -> RegistryCache:
    """Return the cache after ``tree`` was read at ``now`` (wall clock, seconds)."""
    lost, grace_until = cache.lost_values, cache.grace_until
    if _has_lost_keys(cache, tree, now):
        lost, grace_until = cache.all_values, now + GRACE_SECONDS
    # Also when the clock was set back, which must not make it longer.
    if not 0 < grace_until - now <= GRACE_SECONDS:
        lost = {}
    # What has registered again counts by itself from now on.
    lost = {key: value for key, value in lost.items() if key not in tree.values}
    return RegistryCache(tree.index, tree.created, tree.values, now, lost, grace_until)


def _has_lost_keys(cache: RegistryCache, tree: Tree, now: float) -> bool:
    emptied = cache.created is not None and tree.created != cache.created
    went_back = tree.index < cache.index
    # The wall clock also counts the time in which a laptop was asleep.
    absent = cache.read_at is not None and now - cache.read_at > LONG_ABSENCE_SECONDS
    return emptied or went_back or absent


def load(path: Path) -> RegistryCache:
    """Return what ``save`` stored; an empty cache if there is nothing readable."""
    try:
        stored = json.loads(path.read_text())
        values = {str(key): str(value) for key, value in stored["values"].items()}
        return RegistryCache(int(stored["index"]), stored["created"], values)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return RegistryCache()


def save(cache: RegistryCache, path: Path) -> None:
    """Store the cache so that it outlives this process; OSError if it cannot be."""
    stored = {
        "index": cache.index,
        "created": cache.created,
        "values": cache.all_values,
    }
    write_private(path, json.dumps(stored))
