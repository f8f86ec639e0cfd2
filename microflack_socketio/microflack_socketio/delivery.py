"""Who hears an event that comes from the queue.

It is for everybody, for those who are in a room, or for the connections of one user.
What says who is in a room is followed before it is handed on.
"""

import re
from collections.abc import Callable
from typing import Any

from microflack_socketio.engineio_adapter import Engine
from microflack_socketio.listeners import Listeners
from microflack_socketio.member import EVERYONE
from microflack_socketio.memberships import Memberships
from microflack_socketio.people_batches import PeopleBatches
from microflack_socketio.rooms_of_users import is_member, is_public

UPDATED, REMOVED, TYPING = "updated_model", "removed_model", "typing"
# The audience of one user, as the wheel's ``audience`` names it.
ONE_USER = re.compile(r"user:(\d{1,19})")
# By it the author's connections know a message that they have sent themselves.
KEY = "idempotency_key"

Condition = Callable[[str], bool]


class Delivery:
    """Hands events on to the clients of this instance.

    :param hears_rooms: whether the client with this id has said that it knows rooms.
    """

    def __init__(
        self,
        engine: Engine,
        listeners: Listeners,
        memberships: Memberships,
        batches: PeopleBatches,
        hears_rooms: Condition,
    ) -> None:
        self._engine = engine
        self._listeners = listeners
        self._memberships = memberships
        self._batches = batches
        self._hears_rooms = hears_rooms

    def deliver(self, event: str, arguments: list[Any], to: Any) -> None:
        """Hand an event on.

        :param to: the audience; None for everybody.
        """
        if self._batches.take(event, arguments, to):
            return
        first = arguments[0] if arguments else None
        told = first if isinstance(first, dict) else {}
        self._follow(event, told, to)
        only = self._condition(event, told)
        model = told.get("model")
        if not isinstance(model, dict) or KEY not in model:
            self._engine.send(event, arguments, to, only)
            return
        # Other people do not learn it.
        author = self._is_of(model.get("user_id"))
        self._engine.send(event, arguments, to, _both(only, author))
        model = {name: value for name, value in model.items() if name != KEY}
        others = _both(only, lambda sid: not author(sid))
        self._engine.send(event, [told | {"model": model}, *arguments[1:]], to, others)

    def _follow(self, event: str, told: dict[str, Any], to: Any) -> None:
        if told.get("class") != "Room" or event not in (UPDATED, REMOVED):
            return
        room = told if event == REMOVED else told.get("model")
        room_id = room.get("id") if isinstance(room, dict) else None
        if type(room_id) is not int:
            return
        if event == UPDATED and is_public(told["model"]):
            self._memberships.find_public(room_id)
        user = ONE_USER.fullmatch(to) if isinstance(to, str) else None
        if user and (event == REMOVED or is_member(told["model"])):
            self._memberships.follow(int(user[1]), room_id, event == UPDATED)

    def _condition(self, event: str, told: dict[str, Any]) -> Condition | None:
        """Return who of an audience hears an event; None if all of it does."""
        if event == TYPING:
            return lambda sid: (
                self._listeners.user_of(sid)
                not in (
                    None,
                    told.get("user_id"),
                )
            )
        is_new = event == REMOVED or told.get("class") == "Room"
        return self._hears_rooms if is_new or _is_elsewhere(told) else None

    def _is_of(self, user_id: object) -> Condition:
        return lambda sid: self._listeners.user_of(sid) == user_id


def _is_elsewhere(told: dict[str, Any]) -> bool:
    """Say whether something was said in another room than that of everybody."""
    model = told.get("model")
    return isinstance(model, dict) and model.get("room_id", EVERYONE) != EVERYONE


def _both(one: Condition | None, other: Condition) -> Condition:
    return other if one is None else lambda sid: one(sid) and other(sid)
