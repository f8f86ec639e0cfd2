"""What the registry keeps of upgrades: the one under way, and those that were."""

import json
from collections.abc import Iterator
from typing import Any

from mfplatform.upgrade.state import Upgrade
from microflack_common.registry import Registry

CURRENT = "/upgrades/current"
HISTORY = "/upgrades/history"
# The oldest are forgotten: a key's value must stay small.
LONGEST_HISTORY = 100
LONGEST_REASON = 300

Entry = dict[str, Any]


class Store:
    """Read and write the keys; only the owner of the lock writes."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    def current(self) -> Upgrade | None:
        """Return the upgrade under way, or None."""
        text = self._registry.get(CURRENT)
        return None if text is None else Upgrade.of(json.loads(text))

    def save(self, upgrade: Upgrade) -> None:
        """Keep how an upgrade stands."""
        self._registry.put(CURRENT, json.dumps(upgrade.stored()))

    def finish(self, upgrade: Upgrade, outcome: str, now: float) -> None:
        """Move an upgrade to the history."""
        entry = {
            "service": upgrade.service,
            "from": upgrade.before,
            "to": upgrade.version,
            "image_from": upgrade.old[0].image,
            "image_to": upgrade.image,
            "command": upgrade.command,
            "by": upgrade.by,
            "since": upgrade.since,
            "until": round(now, 3),
            "outcome": outcome,
            "reason": upgrade.reason[:LONGEST_REASON],
        }
        history = self.history()
        # Killed between the two writes, the next call comes here again.
        if not history or history[-1]["since"] != entry["since"]:
            history.append(entry)
        kept = history[-LONGEST_HISTORY:]
        self._registry.put(HISTORY, json.dumps(kept))
        self._registry.delete(CURRENT)

    def history(self) -> list[Entry]:
        """Return what was, the oldest first."""
        return list(json.loads(self._registry.get(HISTORY) or "[]"))

    def rolled(self, service: str) -> Iterator[Entry]:
        """Yield the upgrades of a service that were completed, the newest first."""
        for entry in reversed(self.history()):
            if entry["service"] == service and entry["outcome"] == "rolled":
                yield entry
