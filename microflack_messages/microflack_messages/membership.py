"""Store who is in a room, in a transaction that has locked the room.

So whoever changes a room or its members sees what those before have done.
"""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple
from uuid import uuid4

from sqlalchemy import (
    Connection,
    Row,
    bindparam,
    delete,
    func,
    insert,
    select,
    text,
    update,
)

from microflack_messages import permissions
from microflack_messages.files import attachments
from microflack_messages.models import Message, now
from microflack_messages.people import people
from microflack_messages.permissions import Access
from microflack_messages.room_models import (
    DELETED,
    DIRECT,
    MEMBER,
    OWNER,
    PRIVATE,
    PendingNews,
    Room,
    RoomMember,
)

_THIS_ROOM = Room.id == bindparam("this_room")
_LOCK = select(Room.id).where(_THIS_ROOM).with_for_update()
_VERSION = select(Room.version).where(_THIS_ROOM)
_LAST_ID = select(func.coalesce(func.max(Message.id), 0)).where(
    Message.room_id == bindparam("this_room")
)
_MEMBERS = (
    select(RoomMember.user_id, RoomMember.role, RoomMember.joined_at)
    .where(RoomMember.room_id == bindparam("this_room"))
    .order_by(RoomMember.joined_at, RoomMember.joined_version, RoomMember.user_id)
)
# All databases that are used know it.
_NEW_VIEW = text(
    "REPLACE INTO room_views (user_id, version) VALUES (:user_id, :version)"
)


class News(NamedTuple):
    """That somebody is to hear whether they are in a room, and how they see it."""

    key: str
    room_id: int
    user_id: int


def lock_room(connection: Connection, room_id: int, user_id: int | None) -> Access:
    """Lock a room to the commit; return what somebody is in it.

    Ends the request if there is no such room for them: before it is locked, since who
    waits for those who write there knows that there is one.
    """
    _access(connection, room_id, user_id)
    connection.execute(_LOCK, {"this_room": room_id})
    # Meanwhile it may have changed.
    return _access(connection, room_id, user_id)


def _access(connection: Connection, room_id: int, user_id: int | None) -> Access:
    access = permissions.access_in(connection, room_id, user_id)
    if access is None:
        permissions.no_such_room(room_id)
    return access


def members_of(connection: Connection, room_id: int) -> Sequence[Row[Any]]:
    """Return who is in a room and as what, those first who have been in it longest."""
    return connection.execute(_MEMBERS, {"this_room": room_id}).all()


def change_room(
    connection: Connection, room_id: int, steps: int = 1, **values: Any
) -> int:
    """Give a room values; return its version, which is raised by so many steps."""
    values["version"] = Room.version + steps
    query = update(Room.__table__).where(_THIS_ROOM).values(values)
    connection.execute(query, {"this_room": room_id})
    version: int = connection.scalars(_VERSION, {"this_room": room_id}).one()
    return version


def add(
    connection: Connection, room_id: int, kind: str, user_ids: Sequence[int]
) -> list[News]:
    """Put people into a room who are not in it yet. What was said there is read.

    The first one who comes into a room that nobody is in owns it, unless it is direct.
    """
    before, count = members_of(connection, room_id), len(user_ids)
    version = change_room(connection, room_id, count, members=len(before) + count)
    common = {
        "room_id": room_id,
        "role": MEMBER,
        "joined_at": now(),
        "read_up_to": connection.scalar(_LAST_ID, {"this_room": room_id}),
    }
    rows = [
        common | {"user_id": user_id, "joined_version": number}
        for number, user_id in enumerate(user_ids, version - count + 1)
    ]
    if not before and kind != DIRECT:
        rows[0]["role"] = OWNER
    connection.execute(insert(RoomMember.__table__), rows)
    return note(connection, room_id, user_ids)


def remove(connection: Connection, room_id: int, kind: str, user_id: int) -> list[News]:
    """Take somebody out of a room. Who has been in it longest owns what nobody does.

    A private room that everybody has left is deleted.
    """
    this = (RoomMember.room_id == room_id) & (RoomMember.user_id == user_id)
    connection.execute(delete(RoomMember.__table__).where(this))
    left = members_of(connection, room_id)
    change_room(connection, room_id, members=len(left))
    concerned = [user_id]
    if not left and kind == PRIVATE:
        delete_room(connection, room_id)
    elif left and not any(one.role == OWNER for one in left):
        heir = _heir(left)
        this = (RoomMember.room_id == room_id) & (RoomMember.user_id == heir)
        connection.execute(update(RoomMember.__table__).where(this).values(role=OWNER))
        concerned.append(heir)
    return note(connection, room_id, concerned)


def delete_room(connection: Connection, room_id: int) -> list[News]:
    """Delete a room with its files. Its messages are removed afterwards."""
    user_ids = [one.user_id for one in members_of(connection, room_id)]
    empty = {"name": "", "topic": "", "direct_key": None, "members": 0}
    change_room(connection, room_id, kind=DELETED, **empty)
    these = RoomMember.room_id == room_id
    connection.execute(delete(RoomMember.__table__).where(these))
    attachments.drop_room(connection, room_id)
    return note(connection, room_id, user_ids)


def touch(connection: Connection, user_ids: Iterable[int]) -> None:
    """Note that these see the rooms differently from now on."""
    # Whoever changes the views of several people does so in the same order.
    rows = [
        {"user_id": user_id, "version": uuid4().hex}
        for user_id in sorted(set(user_ids))
    ]
    if rows:
        connection.execute(_NEW_VIEW, rows)


def note(connection: Connection, room_id: int, user_ids: Sequence[int]) -> list[News]:
    """Note what these have to hear: that they are in a room, or not any more."""
    touch(connection, user_ids)
    news = [News(uuid4().hex, room_id, user_id) for user_id in user_ids]
    if news:
        rows = [one._asdict() | {"since": now()} for one in news]
        connection.execute(insert(PendingNews.__table__), rows)
    return news


def _heir(members: Sequence[Row[Any]]) -> int:
    """Return who has been in it longest, of those who can sign in if there are."""
    known = people().all()
    here = [
        one.user_id
        for one in members
        if one.user_id not in known or not known[one.user_id].is_away
    ]
    heir: int = here[0] if here else members[0].user_id
    return heir
