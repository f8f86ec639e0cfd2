"""What a client knows of a conversation, and how it asks for what it lacks."""

import time
from dataclasses import dataclass
from typing import Any

from mftools.bench import http_client
from mftools.bench.http_client import Address, Client
from mftools.bench.private_room import PrivateRoom
from mftools.bench.received_messages import Model, ReceivedMessages
from mftools.bench.users import MESSAGES

# Clocks and commits are not exact: that much is asked for twice, and merged by id.
OVERLAP_SECONDS = 5


@dataclass
class Requests:
    """How many there were, how many were refused, and how long one took at most."""

    count: int = 0
    failed: int = 0
    slowest_seconds: float = 0.0


class KnownChanges:
    """The messages that one client has, up to a number of a change.

    :param room: whose changes these are, as somebody sees them who is in it; None for
        the room that everybody is in.
    """

    def __init__(self, address: Address, room: PrivateRoom | None = None) -> None:
        self._rest = Client(address, connections=1)
        self._room = room
        self._since = int(time.time())
        # The number up to which all changes are known, if the service tells any.
        self._change: int | None = None
        self.received = ReceivedMessages()
        self.requests = Requests()

    def take(self, model: Model) -> None:
        """Take what an event tells; count on if its number is the next."""
        self.received.merge(model)
        if self._change is not None and model.get("change") == self._change + 1:
            self._change += 1

    async def catch_up(self) -> bool:
        """Ask for everything that changed since the last that is known."""
        if self._change is not None:
            pages = await self._pages(f"after={self._change}")
            told = pages[-1].get("change") if pages else None
            if told is not None and told >= self._change:
                self._change = told
                return True
        known = [one["updated_at"] for one in self.received.messages.values()]
        since = max([self._since, *known]) - OVERLAP_SECONDS
        pages = await self._pages(f"updated_since={since}")
        if pages:
            # What the first page did not know yet may be missing from the others.
            self._change = pages[0].get("change")
        return bool(pages)

    async def _pages(self, query: str) -> list[dict[str, Any]]:
        """Merge the messages of a list; return its pages, none if one is refused."""
        pages = []
        bearer = self._room.bearer if self._room else ""
        room = f"&room={self._room.id}" if self._room else ""
        path: str | None = f"{MESSAGES}?{query}{room}&limit=500"
        while path:
            request = http_client.request("GET", path, authorization=bearer)
            answer = await self._rest.send(request)
            asked = self.requests
            asked.count += 1
            asked.slowest_seconds = max(asked.slowest_seconds, answer.seconds)
            if not answer.is_success:
                asked.failed += 1
                return []
            pages.append(answer.document())
            for model in pages[-1]["messages"]:
                self.received.merge(model)
            path = pages[-1].get("_links", {}).get("next")
        return pages

    def close(self) -> None:
        """End its connection."""
        self._rest.close()
