"""Remember the last good state of the registry over its bad moments.

Three things make keys vanish that nobody has removed: etcd came back without its data;
etcd (or this machine) was away longer than the keys live; somebody removed the whole
tree. The services register again within seconds. Until then, for GRACE seconds, the
keys that were known stay valid, except those that came back and were removed again.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from mfplatform.state.home import write_private
from microflack_common.registry import Tree

GRACE = 60.0
# Keys live 50 s and are refreshed every 15 s: a shorter absence expires none of them.
LONG_ABSENCE = 20.0


@dataclass(frozen=True)
class Memory:
    """The registry as last seen, and the keys that are still owed patience."""

    index: int = 0
    created: int | None = None
    values: Mapping[str, str] = field(default_factory=dict)
    seen_at: float | None = None
    missed: Mapping[str, str] = field(default_factory=dict)
    grace_until: float = 0.0

    @property
    def all_values(self) -> dict[str, str]:
        """Return every key that counts now."""
        return {**self.missed, **self.values}


def observe(memory: Memory, tree: Tree, now: float) -> Memory:
    """Return the memory after ``tree`` was read at ``now`` (wall clock)."""
    missed, until = memory.missed, memory.grace_until
    if _lost_keys(memory, tree, now):
        missed, until = memory.all_values, now + GRACE
    # Also when the clock was set back, which must not prolong it.
    if not 0 < until - now <= GRACE:
        missed = {}
    # What has registered again counts by itself from now on.
    missed = {key: value for key, value in missed.items() if key not in tree.values}
    return Memory(tree.index, tree.created, tree.values, now, missed, until)


def _lost_keys(memory: Memory, tree: Tree, now: float) -> bool:
    emptied = memory.created is not None and tree.created != memory.created
    went_back = tree.index < memory.index
    # The wall clock also counts the time in which a laptop was asleep.
    absent = memory.seen_at is not None and now - memory.seen_at > LONG_ABSENCE
    return emptied or went_back or absent


def load(path: Path) -> Memory:
    """Return what ``save`` stored; an empty memory if there is nothing readable."""
    try:
        stored = json.loads(path.read_text())
        values = {str(key): str(value) for key, value in stored["values"].items()}
        return Memory(int(stored["index"]), stored["created"], values)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return Memory()


def save(memory: Memory, path: Path) -> None:
    """Store ``memory`` so that it outlives this process."""
    stored = {
        "index": memory.index,
        "created": memory.created,
        "values": memory.all_values,
    }
    write_private(path, json.dumps(stored))
