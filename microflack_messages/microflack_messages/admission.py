"""Who may write in a room at the moment in which something is stored.

Whoever asks has locked the room: until the commit nobody is removed from it, and it is
neither archived nor deleted.
"""

from collections.abc import Collection

from sqlalchemy import Connection, bindparam, select

from microflack_messages.room_models import EVERYONE, Room, RoomMember

# What is left of a deleted room has no members.
_WRITERS = (
    select(RoomMember.user_id)
    .join(Room, Room.id == RoomMember.room_id)
    .where(
        Room.id == bindparam("room_id"),
        Room.archived.is_(False),
        RoomMember.user_id.in_(bindparam("user_ids", expanding=True)),
    )
)


def writers(
    connection: Connection, room_id: int, user_ids: Collection[int]
) -> Collection[int]:
    """Return those of some people who may write in a room."""
    if room_id == EVERYONE or not user_ids:
        return user_ids
    values = {"room_id": room_id, "user_ids": list(user_ids)}
    return set(connection.scalars(_WRITERS, values))
