"""How people see rooms: what the API shows of a room, to all and to who is in it."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import Connection, Row, and_, bindparam, select, union

from microflack_messages import unread
from microflack_messages.models import Message
from microflack_messages.people import people
from microflack_messages.room_models import DIRECT, EVERYONE, PUBLIC, Room, RoomMember
from microflack_messages.unread_memory import RoomState, Unread

Model = dict[str, Any]

_ME = RoomMember.user_id == bindparam("user_id")
_SOME_IN_ROOM = and_(
    RoomMember.room_id == bindparam("room_id"),
    RoomMember.user_id.in_(bindparam("user_ids", expanding=True)),
)
# The index that tells it at once: MariaDB would sort all messages of the room.
_LAST_MESSAGE = (
    select(Message.id)
    .with_hint(Message, "FORCE INDEX (ix_messages_room_id)", "mysql")
    .where(Message.room_id == Room.id)
    .order_by(Message.id.desc())
    .limit(1)
)
_ROOM = (
    Room.id,
    Room.created_at,
    Room.updated_at,
    Room.name,
    Room.topic,
    Room.kind,
    Room.archived,
    Room.last_change,
    Room.members,
    Room.direct_key,
)


_OWN = (
    RoomMember.user_id,
    RoomMember.role,
    RoomMember.read_up_to,
    RoomMember.notify,
    _LAST_MESSAGE.scalar_subquery().label("last_message_id"),
    _LAST_MESSAGE.with_only_columns(Message.created_at)
    .scalar_subquery()
    .label("last_message_at"),
)
_VISIBLE = union(
    select(Room.id).where(Room.kind == PUBLIC),
    select(RoomMember.room_id).where(_ME),
).subquery()
# Made once: making them takes longer than what the server needs for them.
_OF_USER = (
    select(*_ROOM, *_OWN)
    .join(_VISIBLE, _VISIBLE.c.id == Room.id)
    .outerjoin(RoomMember, (RoomMember.room_id == Room.id) & _ME)
    .order_by(Room.id)
)
_OF_MEMBERS = (
    select(*_ROOM, *_OWN)
    .join(RoomMember, RoomMember.room_id == Room.id)
    .where(_SOME_IN_ROOM)
)
_OF_ALL = select(*_ROOM).where(Room.id == bindparam("room_id"))


def of_user(connection: Connection, user_id: int | None) -> list[Model]:
    """Return the rooms that somebody may read, as they see them, by their ids.

    What is counted is of the same moment if the transaction sees only one.
    """
    rows = connection.execute(_OF_USER, {"user_id": user_id}).all()
    if user_id is None:
        return [_to_dict(row) for row in rows]
    states = {row.id: _state(row) for row in rows if _has_more(row)}
    counts = unread.of_user(connection, user_id, states)
    return [
        _own_dict(row, counts.get(row.id)) if row.role else _to_dict(row)
        for row in rows
    ]


def of_members(
    connection: Connection, room_id: int, user_ids: Collection[int]
) -> dict[int, Model]:
    """Return how those of some people who are in a room see it, by their ids."""
    values = {"room_id": room_id, "user_ids": list(user_ids)}
    rows = connection.execute(_OF_MEMBERS, values).all()
    read = {row.user_id: row.read_up_to for row in rows if _has_more(row)}
    counts = unread.of_members(connection, room_id, read)
    return {row.user_id: _own_dict(row, counts.get(row.user_id)) for row in rows}


def of_all(connection: Connection, room_id: int) -> Model:
    """Return what everybody sees of a room who may read it."""
    return _to_dict(connection.execute(_OF_ALL, {"room_id": room_id}).one())


def _to_dict(row: Row[Any], user_id: int | None = None) -> Model:
    room = f"/api/rooms/{row.id}"
    links = {
        "self": room,
        "messages": f"/api/messages?room={row.id}",
        "members": f"{room}/members",
    }
    return {
        "id": row.id,
        "created_at": row.created_at,
        "updated_at": row.updated_at,
        "name": _name(row, user_id),
        "topic": row.topic,
        "kind": row.kind,
        "archived": bool(row.archived),
        "change": row.last_change,
        "members": people().count() if row.id == EVERYONE else row.members,
        "_links": links,
    }


def _has_more(row: Row[Any]) -> bool:
    """Say whether somebody is in a room and has not read its last message."""
    return bool(row.role and (row.last_message_id or 0) > row.read_up_to)


def _state(row: Row[Any]) -> RoomState:
    return RoomState(row.read_up_to, row.last_change, row.last_message_id)


def _own_dict(row: Row[Any], counted: Unread | None) -> Model:
    counted = counted or Unread()
    return _to_dict(row, row.user_id) | {
        "unread": counted.unread,
        "mentions": counted.mentions,
        "read_up_to": row.read_up_to,
        "notify": row.notify,
        "role": row.role,
        "last_message_at": row.last_message_at,
    }


def _name(row: Row[Any], user_id: int | None) -> str:
    """Return a room's name: of a direct one the others' nicknames."""
    if row.kind != DIRECT:
        name: str = row.name
        return name
    ids = [int(one) for one in (row.direct_key or "").split(",") if one]
    return ", ".join(people().nickname(one) for one in ids if one != user_id)
