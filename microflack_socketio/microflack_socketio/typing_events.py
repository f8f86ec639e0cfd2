"""Tell those who are in a room that somebody is writing there."""

import time
from typing import Any, Protocol

from redis import RedisError

from microflack_common import audience
from microflack_socketio.delivery import TYPING
from microflack_socketio.typing_limits import TypingLimits


class Tell(Protocol):
    """Hands an event on to the clients of all instances."""

    def __call__(self, event: str, argument: dict[str, Any], to: str) -> None:
        """Hand on an event with this argument to an audience."""


class Typing:
    """Tells it, not too often.

    :param tell: may raise RedisError.
    """

    def __init__(self, tell: Tell) -> None:
        self._tell = tell
        self._limits = TypingLimits(time.monotonic)

    def tell(self, user_id: int, room_id: int) -> None:
        """Tell that somebody is writing in a room, unless it was told just now.

        It never fails: who does not hear it misses nothing.
        """
        if not self._limits.admit(user_id, room_id):
            return
        told = {"room_id": room_id, "user_id": user_id}
        try:
            self._tell(TYPING, told, audience.room(room_id))
        except (RedisError, OSError):
            # That Redis is away is logged by who listens to it.
            return
