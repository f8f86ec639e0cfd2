"""What clients receive: events about models, and the messages that come of them."""

import json
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

# An event that all clients receive is parsed once: so many are remembered.
REMEMBERED_EVENTS = 4096

Model = dict[str, Any]


@lru_cache(REMEMBERED_EVENTS)
def updated_model(payload: bytes) -> tuple[str, Model] | None:
    """Return the class and the model of an event; None when it is another event."""
    name, *arguments = json.loads(payload[2:])
    if name != "updated_model":
        return None
    return arguments[0]["class"], arguments[0]["model"]


@dataclass
class ReceivedMessages:
    """The messages that one client has, by id, in the order of their arrival.

    ``repeated`` counts events that arrived twice over one connection.
    """

    messages: dict[int, Model] = field(default_factory=dict)
    repeated: int = 0

    def merge(self, model: Model) -> None:
        """Take a new or changed message; an older state never replaces a newer one."""
        known = self.messages.get(model["id"])
        if known is None or known["updated_at"] <= model["updated_at"]:
            self.messages[model["id"]] = model
