"""Remember how much was unread where that is very much, and count only what follows.

Whoever was away for long has hundreds of thousands of messages unread, and each new one
in the room is another list of rooms for them.
"""

from collections import OrderedDict
from collections.abc import Mapping
from threading import Lock
from typing import NamedTuple

# Less than that is counted in a millisecond.
FROM_UNREAD = 500
CAPACITY = 10_000


class Unread(NamedTuple):
    """How many messages somebody has not read, and how many of those mention them."""

    unread: int = 0
    mentions: int = 0

    def plus(self, other: "Unread") -> "Unread":
        """Return both together."""
        return Unread(self.unread + other.unread, self.mentions + other.mentions)


class RoomState(NamedTuple):
    """How far somebody has read a room, and how far it has come."""

    read_up_to: int
    change: int
    last_id: int


class Kept(NamedTuple):
    """What was unread in a state of a room."""

    state: RoomState
    unread: Unread


class UnreadMemory:
    """What was unread for whom in which room. It can be shared by threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._kept: OrderedDict[tuple[int, int], Kept] = OrderedDict()

    def find(self, user_id: int, states: Mapping[int, RoomState]) -> dict[int, Kept]:
        """Return what is remembered of rooms, as they were in these states or before.

        What a later state shows is none of it: a transaction may see an older one.
        """
        found = {}
        with self._lock:
            for room_id, state in states.items():
                kept = self._kept.get((user_id, room_id))
                if (
                    kept
                    and kept.state.read_up_to == state.read_up_to
                    and kept.state.change <= state.change
                ):
                    self._kept.move_to_end((user_id, room_id))
                    found[room_id] = kept
        return found

    def keep(
        self, user_id: int, room_id: int, state: RoomState, unread: Unread
    ) -> None:
        """Remember what is unread in a room, if it is very much."""
        with self._lock:
            self._kept.pop((user_id, room_id), None)
            if unread.unread >= FROM_UNREAD:
                self._kept[user_id, room_id] = Kept(state, unread)
            while len(self._kept) > CAPACITY:
                self._kept.popitem(last=False)
