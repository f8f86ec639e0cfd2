"""Find messages, and those that wait for their link cards.

That a message waits is stored in one transaction with it, so no crash forgets it.
"""

from typing import Any

from flask import current_app
from sqlalchemy import Row, bindparam, delete, select

from microflack_common import database
from microflack_messages.models import (
    COLUMNS,
    MAX_ID,
    Message,
    PendingCard,
    Room,
    RoomMember,
    db,
)
from microflack_messages.room_models import DELETED, PUBLIC, REMOVED

# Made once: making them takes longer than what the server needs for them.
#
# One that may not be read is looked for in the same way as one that is not there: not
# even the time that the answer takes tells them apart.
_FIND = (
    select(*COLUMNS)
    .join(Room, Room.id == Message.room_id)
    .outerjoin(
        RoomMember,
        (RoomMember.room_id == Room.id) & (RoomMember.user_id == bindparam("user_id")),
    )
    .where(Message.id == bindparam("message_id"))
    .where(Room.kind.not_in([DELETED, REMOVED]))
    .where((Room.kind == PUBLIC) | RoomMember.user_id.is_not(None))
)
_IS_IN_ROOM = select(Message.id).where(
    Message.id == bindparam("message_id"), Message.room_id == bindparam("room_id")
)


def find(message_id: int, user_id: int | None) -> Row[Any] | None:
    """Return the message with this id, if there is one that the user may read."""
    if message_id > MAX_ID:
        return None
    values = {"message_id": message_id, "user_id": user_id}
    with database.autocommit(current_app).connect() as connection:
        return connection.execute(_FIND, values).one_or_none()


def is_in_room(message_id: int, room_id: int) -> bool:
    """Say whether there is such a message, or its trace, in this room."""
    if message_id > MAX_ID:
        return False
    values = {"message_id": message_id, "room_id": room_id}
    with database.autocommit(current_app).connect() as connection:
        return connection.execute(_IS_IN_ROOM, values).first() is not None


def find_by_idempotency_key(user_id: int, key: str) -> Row[Any] | None:
    """Return the message that this user stored with this key, if there is one."""
    query = select(*COLUMNS).filter_by(user_id=user_id, idempotency_key=key)
    with database.autocommit(current_app).connect() as connection:
        return connection.execute(query).one_or_none()


def pending_cards(before: int, limit: int) -> list[str]:
    """Return the revisions that wait for cards since before this time, oldest first.

    :param before: Unix seconds.
    """
    query = select(PendingCard.revision).where(PendingCard.since <= before)
    with db.engine.connect() as connection:
        oldest_first = query.order_by(PendingCard.since).limit(limit)
        return list(connection.scalars(oldest_first))


def find_pending_message(revision: str) -> Row[Any] | None:
    """Return the message that waits for cards, None if it was changed since."""
    query = (
        select(*COLUMNS)
        .join(PendingCard, PendingCard.message_id == Message.id)
        .where(PendingCard.revision == revision, Message.revision == revision)
    )
    with db.engine.connect() as connection:
        return connection.execute(query).one_or_none()


def give_up_cards(revision: str) -> None:
    """Let a revision wait for cards no longer: there are none."""
    this = PendingCard.revision == revision
    with db.engine.begin() as connection:
        connection.execute(delete(PendingCard).where(this))
