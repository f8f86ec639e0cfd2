"""Change how somebody sees a room: what was read, and of what they want to be told."""

from typing import Any

from flask import abort
from sqlalchemy import Connection, bindparam, func, insert, select, update

from microflack_messages import membership, permissions, room_events, transactions
from microflack_messages.models import Message, db
from microflack_messages.room_models import EVERYONE, RoomMember

_NEWCOMER = (
    insert(RoomMember.__table__)
    .prefix_with("OR IGNORE", dialect="sqlite")
    .prefix_with("IGNORE", dialect="mysql")
)
_LAST_ID = select(func.coalesce(func.max(Message.id), 0)).where(
    Message.room_id == EVERYONE
)
_OWN = (RoomMember.room_id == bindparam("room")) & (
    RoomMember.user_id == bindparam("user")
)
_UPDATE = update(RoomMember.__table__).where(_OWN)


def begin(user_id: int) -> None:
    """Begin to count what somebody has not read in the room of everybody.

    Where that was done before, nothing happens.
    """

    def work(connection: Connection) -> None:
        last_id = connection.scalar(_LAST_ID)
        values = {"room_id": EVERYONE, "user_id": user_id, "read_up_to": last_id}
        if connection.execute(_NEWCOMER, values).rowcount:
            membership.touch(connection, [user_id])

    transactions.run(work)


def read(room_id: int, user_id: int, up_to: int) -> None:
    """Note that somebody has read a room up to a message; it never goes back."""
    _require_being_in(room_id, user_id)
    query = select(Message.id).where(Message.id == up_to, Message.room_id == room_id)
    with db.engine.connect() as connection:
        if connection.scalar(query) is None:
            abort(400, "up_to: There is no such message in the room.")
    _change(room_id, user_id, RoomMember.read_up_to < up_to, read_up_to=up_to)


def notify(room_id: int, user_id: int, what: str) -> None:
    """Note of what somebody wants to be told in a room."""
    _require_being_in(room_id, user_id)
    _change(room_id, user_id, RoomMember.notify != what, notify=what)


def _require_being_in(room_id: int, user_id: int) -> None:
    access = permissions.require_access(room_id, user_id)
    if not access.is_in:
        abort(403, "Join the room first.")
    if room_id == EVERYONE:
        begin(user_id)


def _change(room_id: int, user_id: int, condition: Any, **values: Any) -> None:
    def work(connection: Connection) -> bool:
        query = _UPDATE.where(condition).values(values)
        own = {"room": room_id, "user": user_id}
        if not connection.execute(query, own).rowcount:
            return False
        membership.touch(connection, [user_id])
        return True

    if transactions.run(work):
        room_events.tell_views(room_id, [user_id])
