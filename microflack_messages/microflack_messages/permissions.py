"""Who may read and write what, and who hears of it."""

from typing import Any

from flask import current_app
from sqlalchemy import bindparam, select

from microflack_common import audience, database
from microflack_common.audience import Audience
from microflack_messages.models import EVERYONE, MAX_ID, Room, RoomMember

_ACCESS = (
    select(Room.kind, RoomMember.user_id)
    .outerjoin(
        RoomMember,
        (RoomMember.room_id == Room.id) & (RoomMember.user_id == bindparam("user_id")),
    )
    .where(Room.id == bindparam("room_id"))
)


def may_read_room(room_id: int, user_id: int | None) -> bool:
    """Say whether there is such a room, public or with this user in it."""
    return room_id == EVERYONE or any(_access(room_id, user_id))


def may_write_in_room(room_id: int, user_id: int) -> bool:
    """Say whether this user is in the room."""
    return room_id == EVERYONE or _access(room_id, user_id)[1]


def may_read(message: Any, user_id: int | None) -> bool:
    """Say whether this user may read the message: whoever may read its room."""
    return may_read_room(message.room_id, user_id)


def may_change(message: Any, user_id: int | None) -> bool:
    """Say whether this user may change the message: only its author may."""
    author: int = message.user_id
    return author == user_id


def hearers(room_id: int) -> Audience:
    """Return who hears of what changes in a room."""
    return audience.EVERYBODY if room_id == EVERYONE else audience.room(room_id)


def _access(room_id: int, user_id: int | None) -> tuple[bool, bool]:
    """Return whether the room is public, and whether this user is in it."""
    if room_id > MAX_ID:
        return False, False
    values = {"room_id": room_id, "user_id": user_id}
    with database.autocommit(current_app).connect() as connection:
        row = connection.execute(_ACCESS, values).one_or_none()
    if row is None:
        return False, False
    return row.kind == "public", row.user_id is not None
