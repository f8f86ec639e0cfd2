"""What the registry keeps of upgrades: the one under way, and those that were."""

import json
from collections.abc import Iterator
from typing import Any

from mfplatform.upgrade.state import Upgrade
from microflack_common.registry import Registry

CURRENT_KEY = "/upgrades/current"
HISTORY_KEY = "/upgrades/history"
# The oldest are forgotten: a key's value must stay small.
MAX_HISTORY_ENTRIES = 100
MAX_REASON_CHARACTERS = 300

Entry = dict[str, Any]


class UpgradeStore:
    """Read and write the keys; only the owner of the lock writes.

    Every method raises RegistryError when the registry is away.
    """

    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    def current(self) -> Upgrade | None:
        """Return the upgrade under way, or None."""
        text = self._registry.get(CURRENT_KEY)
        return None if text is None else Upgrade.from_stored(json.loads(text))

    def save(self, upgrade: Upgrade) -> None:
        """Keep how an upgrade stands."""
        self._registry.put(CURRENT_KEY, json.dumps(upgrade.stored()))

    def finish(
        self, upgrade: Upgrade, outcome: str, now: float, following: Upgrade | None
    ) -> None:
        """Move an upgrade to the history; what follows on it is the one under way then.

        :param now: in seconds since 1970.
        """
        entry = {
            "service": upgrade.service,
            "from": upgrade.old_version,
            "to": upgrade.version,
            "image_from": upgrade.old[0].image,
            "image_to": upgrade.image,
            "before": upgrade.origin.version,
            "image_before": upgrade.origin.image,
            "goes_on": following is not None,
            "command": upgrade.command,
            "by": upgrade.by,
            "since": upgrade.since,
            "until": round(now, 3),
            "outcome": outcome,
            "reason": upgrade.reason[:MAX_REASON_CHARACTERS],
        }
        history = self.history()
        # Killed between the two writes, the next call comes here again.
        if not history or history[-1]["since"] != entry["since"]:
            history.append(entry)
        kept = history[-MAX_HISTORY_ENTRIES:]
        self._registry.put(HISTORY_KEY, json.dumps(kept))
        if following is None:
            self._registry.delete(CURRENT_KEY)
        else:
            self.save(following)

    def history(self) -> list[Entry]:
        """Return what was, the oldest first."""
        return list(json.loads(self._registry.get(HISTORY_KEY) or "[]"))

    def completed(self, service: str) -> Iterator[Entry]:
        """Yield the upgrades of a service that were completed, the newest first.

        Of one that led over releases between, that is the last part; ``before`` and
        ``image_before`` are what ran before all of it.
        """
        for entry in reversed(self.history()):
            is_whole = not entry.get("goes_on") and entry["command"] != "abort"
            is_rolled = entry["outcome"] == "rolled" and is_whole
            if entry["service"] == service and is_rolled:
                # Older entries have no more than one part.
                alone = {"before": entry["from"], "image_before": entry["image_from"]}
                yield alone | entry
