"""Who may read and write what, who may change rooms, and who hears of it.

The functions that begin with ``may`` and ``is`` answer; those that begin with
``require`` end the request as the API says: 404 for a room that one may not see (400
naming the field, where a body names the room), 403 for what one may see but not do.
"""

from typing import Any, NamedTuple, NoReturn

from flask import abort, current_app
from sqlalchemy import Connection, bindparam, select

from microflack_common import audience, database, rights
from microflack_common.audience import Audience
from microflack_messages.models import MAX_ID
from microflack_messages.room_models import (
    DELETED,
    DIRECT,
    EVERYONE,
    MEMBER,
    OWNER,
    PRIVATE,
    PUBLIC,
    REMOVED,
    Room,
    RoomMember,
)

ARCHIVED = "The room is archived: it takes nothing new."
# One that may not be read is looked for in the same way as one that is not there: not
# even the time that the answer takes tells them apart.
_ACCESS = (
    select(Room.kind, Room.archived, RoomMember.role)
    .outerjoin(
        RoomMember,
        (RoomMember.room_id == Room.id) & (RoomMember.user_id == bindparam("user_id")),
    )
    .where(Room.id == bindparam("room_id"), Room.kind.not_in([DELETED, REMOVED]))
    .where((Room.kind == PUBLIC) | RoomMember.user_id.is_not(None))
)

# The same for who only reads, which is asked with nearly every request: as text it
# takes a third of the time.
_MAY_READ = """SELECT 1 FROM rooms r
 LEFT JOIN room_members m ON m.room_id = r.id AND m.user_id = {user:d}
 WHERE r.id = {room:d} AND r.kind NOT IN ('deleted', 'removed')
 AND (r.kind = 'public' OR m.user_id IS NOT NULL)"""


class Access(NamedTuple):
    """What a room is like that somebody may read, and what they are in it."""

    room_id: int
    kind: str
    archived: bool
    # None: not in the room.
    role: str | None

    @property
    def is_in(self) -> bool:
        """Say whether this person is in the room."""
        return self.role is not None

    @property
    def owns(self) -> bool:
        """Say whether this person owns the room."""
        return self.role == OWNER


def access_to(room_id: int, user_id: int | None) -> Access | None:
    """Return what somebody is in a room; None if there is none that they may read."""
    with database.autocommit(current_app).connect() as connection:
        return access_in(connection, room_id, user_id)


def access_in(
    connection: Connection, room_id: int, user_id: int | None
) -> Access | None:
    """Return what somebody is in a room, as a transaction sees it; or None."""
    if room_id > MAX_ID:
        return None
    values = {"room_id": room_id, "user_id": user_id}
    row = connection.execute(_ACCESS, values).one_or_none()
    if row is None:
        return None
    role = MEMBER if room_id == EVERYONE and user_id else row.role
    return Access(room_id, row.kind, bool(row.archived), role)


def may_read_room(room_id: int, user_id: int | None) -> bool:
    """Say whether there is such a room, public or with this user in it."""
    if room_id == EVERYONE:
        return True
    if room_id > MAX_ID:
        return False
    sql = _MAY_READ.format(room=room_id, user=user_id or 0)
    return database.read_value(current_app, sql) is not None


def may_read(message: Any, user_id: int | None) -> bool:
    """Say whether this user may read the message: whoever may read its room."""
    return may_read_room(message.room_id, user_id)


def may_change(message: Any, user_id: int | None) -> bool:
    """Say whether this user may change the message: only its author may."""
    author: int = message.user_id
    return author == user_id


def may_delete(message: Any, user_id: int | None) -> bool:
    """Say whether this user may delete a message that they may read.

    Its author may, and administrators.
    """
    return may_change(message, user_id) or rights.is_admin(user_id)


def may_manage_room(access: Access, user_id: int | None) -> bool:
    """Say whether this user may rename and archive a room that they may read."""
    return access.owns or (access.kind == PUBLIC and rights.is_admin(user_id))


def may_delete_room(access: Access, user_id: int | None) -> bool:
    """Say whether this user may delete a room that they may read."""
    if access.kind == PRIVATE:
        return access.owns
    is_another = access.kind == PUBLIC and access.room_id != EVERYONE
    return is_another and rights.is_admin(user_id)


def may_add_member(access: Access, own: bool) -> bool:
    """Say whether somebody may add another to a room, or come in.

    :param own: whether it is the same person.
    """
    return access.kind != DIRECT and (access.is_in or (own and access.kind == PUBLIC))


def may_remove_member(access: Access, own: bool) -> bool:
    """Say whether somebody may remove another from a room, or leave it.

    :param own: whether it is the same person.
    """
    if access.kind == DIRECT or access.room_id == EVERYONE:
        return False
    return own or access.owns


def require_reading(
    room_id: int, user_id: int | None, field: str | None = None
) -> None:
    """Return if this user may read the room, else end the request.

    :param field: the field of the body that names the room; None if the path does.
    """
    if not may_read_room(room_id, user_id):
        no_such_room(room_id, field)


def require_access(room_id: int, user_id: int | None) -> Access:
    """Return what somebody is in a room that they may read, else end the request."""
    access = access_to(room_id, user_id)
    if access is None:
        no_such_room(room_id)
    return access


def require_writing(room_id: int, user_id: int, field: str | None = None) -> None:
    """Return if this user may write in the room, else end the request.

    :param field: as in ``require_reading``.
    """
    if room_id == EVERYONE:
        return
    access = access_to(room_id, user_id)
    if access is None:
        no_such_room(room_id, field)
    if not access.is_in:
        abort(403, "Join the room first.")
    if access.archived:
        abort(403, ARCHIVED)


def no_such_room(room_id: int, field: str | None = None) -> NoReturn:
    """End the request: there is no such room for whoever asks."""
    if field:
        abort(400, f"{field}: There is no such room.")
    abort(404, f"There is no room {room_id}.")


def hearers(room_id: int) -> Audience:
    """Return who hears of what changes in a room."""
    return audience.EVERYBODY if room_id == EVERYONE else audience.room(room_id)
