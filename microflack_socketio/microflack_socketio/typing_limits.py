"""How often it is told that somebody is writing: it is only of use for a moment."""

import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

# The least time between two times that it is told of somebody in a room.
PERIOD_SECONDS = 1.0
# In each room it is told so often in a second at most: whoever sees that ten people are
# writing need not know of the others.
PER_ROOM = 10
# As much is remembered; what is forgotten may be told once more.
MAX_REMEMBERED = 10_000


class TypingLimits:
    """Says whether it is to be told that somebody is writing.

    :param clock: the time in seconds; it never goes back.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._people: OrderedDict[tuple[int, int], float] = OrderedDict()
        self._rooms: OrderedDict[int, tuple[float, int]] = OrderedDict()

    def admit(self, user_id: int, room_id: int) -> bool:
        """Say whether to tell it now, and count that it is told."""
        now = self._clock()
        with self._lock:
            since, count = self._rooms.get(room_id, (now, 0))
            if now - since >= PERIOD_SECONDS:
                since, count = now, 0
            told = self._people.get((user_id, room_id))
            if count >= PER_ROOM or (told is not None and now - told < PERIOD_SECONDS):
                return False
            _remember(self._rooms, room_id, (since, count + 1))
            _remember(self._people, (user_id, room_id), now)
            return True


def _remember(memory: OrderedDict[Any, Any], key: Any, value: Any) -> None:
    memory[key] = value
    memory.move_to_end(key)
    while len(memory) > MAX_REMEMBERED:
        memory.popitem(last=False)
