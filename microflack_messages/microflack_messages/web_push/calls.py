"""Which messages call for somebody, and whom: those mentioned, those of a direct room.

Who has read a message meanwhile is not called any more, nor who has muted the room, has
left it, or wants mentions only. An edit calls those whom the text has not mentioned
before it, also if they have read that.
"""

import json
from collections.abc import Collection
from typing import Any, NamedTuple

from flask import current_app
from sqlalchemy import Connection, Row, bindparam, insert, select

from microflack_common import database
from microflack_messages.mentioned import NOBODY
from microflack_messages.models import EVERYONE, Message, Room, RoomMember, db, now
from microflack_messages.room_models import DELETED, DIRECT, REMOVED
from microflack_messages.web_push.models import Push

# So long somebody has to read it in an open page.
READING_SECONDS = 5
MENTION = "mention"
# Rooms of which is remembered whether they are direct: it never changes.
MAX_ROOMS = 10_000

_INSERT = insert(Push.__table__)
_MENTIONED = select(Message.mentions).where(Message.id == bindparam("message_id"))
_KIND = select(Room.kind).where(Room.id == bindparam("room_id"))
_MESSAGE = (
    select(
        Message.id,
        Message.room_id,
        Message.user_id,
        Message.source,
        Message.mentions,
        Room.kind,
        Room.name,
    )
    .join(Room, Room.id == Message.room_id)
    .where(
        Message.id == bindparam("message_id"),
        Message.deleted.is_(False),
        Room.kind.not_in([DELETED, REMOVED]),
    )
)
_MEMBERS = select(RoomMember.user_id, RoomMember.read_up_to, RoomMember.notify).where(
    RoomMember.room_id == bindparam("room_id")
)
_SOME = _MEMBERS.where(RoomMember.user_id.in_(bindparam("user_ids", expanding=True)))


class Call(NamedTuple):
    """A message, and whom it calls."""

    message: Row[Any]
    # By user: ``DIRECT`` or ``MENTION``.
    kinds: dict[int, str]


def may_call(room_id: int, mentions: str) -> bool:
    """Say whether a message calls for somebody, who is to be told by their browser.

    :param mentions: the ids of those whom it mentions, as JSON.
    """
    direct: dict[int, bool] | None = current_app.extensions["microflack_direct_rooms"]
    if direct is None:
        return False
    if mentions != NOBODY or room_id == EVERYONE:
        return mentions != NOBODY
    if room_id not in direct:
        if len(direct) >= MAX_ROOMS:
            direct.clear()
        with database.autocommit(current_app).connect() as connection:
            kind = connection.scalar(_KIND, {"room_id": room_id})
        direct[room_id] = kind == DIRECT
    return direct[room_id]


def may_mention(mentions: str) -> bool:
    """Say whether a text mentions somebody, who is to be told by their browser.

    :param mentions: the ids of those whom it mentions, as JSON.
    """
    is_on = current_app.extensions["microflack_direct_rooms"] is not None
    return is_on and mentions != NOBODY


def expect(
    connection: Connection, message_id: int, mentions: str, edited: bool = False
) -> None:
    """Store that a message calls for somebody.

    :param mentions: the ids of those whom it mentions, as JSON; whom an edit adds later
        is no matter of this call.
    """
    due_at = now() + READING_SECONDS
    values = {"message_id": message_id, "due_at": due_at}
    values |= {"user_ids": mentions, "edited": edited}
    connection.execute(_INSERT, values)


def mentions_of(connection: Connection, message_id: int) -> set[int]:
    """Return the ids of those whom a message mentions."""
    found = connection.scalar(_MENTIONED, {"message_id": message_id})
    return set(json.loads(found or NOBODY))


def expect_added(
    connection: Connection, message_id: int, before: Collection[int], mentions: str
) -> None:
    """Store that an edit calls those whom the message has not mentioned before."""
    added = [one for one in json.loads(mentions) if one not in before]
    if added:
        expect(connection, message_id, json.dumps(added), edited=True)


def call_of(push: Row[Any]) -> Call | None:
    """Return whom a push calls as it is now; None if the message is not there any more.

    :param push: its ``message_id``, ``user_ids`` and ``edited``.
    """
    with db.engine.connect() as connection:
        values = {"message_id": push.message_id}
        message = connection.execute(_MESSAGE, values).first()
        if message is None:
            return None
        return Call(message, _called(connection, message, push))


def _called(
    connection: Connection, message: Row[Any], push: Row[Any]
) -> dict[int, str]:
    mentioned = set(json.loads(message.mentions or NOBODY))
    if push.user_ids is not None:
        mentioned &= set(json.loads(push.user_ids))
    if message.kind == DIRECT:
        rows = connection.execute(_MEMBERS, {"room_id": message.room_id})
    else:
        values = {"room_id": message.room_id, "user_ids": list(mentioned)}
        rows = connection.execute(_SOME, values)
    members = {row.user_id: row for row in rows}
    kinds = {}
    for user_id in members.keys() | mentioned:
        kind = DIRECT if message.kind == DIRECT else MENTION
        if user_id != message.user_id and _wants(
            members.get(user_id), message, user_id in mentioned, push.edited
        ):
            kinds[user_id] = kind
    return kinds


def _wants(
    member: Row[Any] | None, message: Row[Any], is_mentioned: bool, edited: bool
) -> bool:
    """Say whether somebody wants to be told of a message, and has not read it."""
    if member is None:
        # Everybody is in that room, also who has never looked at it.
        return bool(message.room_id == EVERYONE)
    if edited:
        # Of a direct message, who wants all was told when it was new.
        was_told = message.kind == DIRECT and member.notify == "all"
        return is_mentioned and member.notify != "none" and not was_told
    if member.read_up_to >= message.id or member.notify == "none":
        return False
    return is_mentioned or bool(member.notify == "all")
