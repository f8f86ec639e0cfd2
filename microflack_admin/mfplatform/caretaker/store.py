"""What the registry keeps of what caretakers did, for people and for the next one."""

import json
from collections.abc import Iterator
from typing import Any

from mfplatform.caretaker.state import Past
from microflack_common.registry import Registry

KEY = "/caretaker/actions"
# The oldest are forgotten: a key's value must stay small.
MAX_ENTRIES = 100
MAX_CHARACTERS = 300
DONE, FAILED, NOT_DONE = "done", "failed", "not done: dry run"

Entry = dict[str, Any]


def entries(registry: Registry) -> list[Entry]:
    """Return what was done, the oldest first; RegistryError if that is not known."""
    try:
        found = json.loads(registry.get(KEY) or "[]")
    except ValueError:
        return []
    return found if isinstance(found, list) else []


def add(registry: Registry, entry: Entry) -> None:
    """Keep one more; only who holds the lock writes."""
    short = {
        name: value[:MAX_CHARACTERS] if isinstance(value, str) else value
        for name, value in entry.items()
    }
    kept = [*entries(registry), short][-MAX_ENTRIES:]
    registry.put(KEY, json.dumps(kept))


def past(found: list[Entry], wall_clock: float, now: float) -> Iterator[Past]:
    """Yield what was done as ``decide`` wants it.

    :param wall_clock: the time now, in Unix seconds,
    :param now: and on the monotonic clock.
    """
    for one in found:
        if one.get("outcome") in (DONE, FAILED):
            # A clock that was set back must not make anything later than now.
            ago = max(wall_clock - one["at"], 0.0)
            failed = one["outcome"] == FAILED
            yield Past(one["service"], one["kind"], now - ago, failed)
