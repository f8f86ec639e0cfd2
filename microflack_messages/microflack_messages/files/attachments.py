"""What binds files to messages: they are sent with one, and go with it."""

import json
from collections.abc import Sequence
from typing import Any

from flask import current_app
from sqlalchemy import Connection, Row, bindparam, or_, select, update

from microflack_common import database
from microflack_messages.files.models import File, to_dict
from microflack_messages.models import now

MOST_OF_A_MESSAGE = 10

_FILE = File.__table__
_FIND = select(_FILE).where(
    File.key == bindparam("key"),
    File.stored_at.is_not(None),
    or_(File.expires_at.is_(None), File.expires_at > bindparam("at")),
)


# A row with all columns of a file.
Found = Row[Any]


class NotThere(Exception):
    """Raised for files that cannot be sent."""

    def __init__(self) -> None:
        super().__init__("Not all are there, your own, of this room and not yet sent.")


def find(key: str) -> Found | None:
    """Return the file with this key, if it is there."""
    with database.autocommit(current_app).connect() as connection:
        return connection.execute(_FIND, {"key": key, "at": now()}).one_or_none()


def describe(ids: Sequence[int], room_id: int, user_id: int) -> str | None:
    """Return what a message keeps of files that a user may send in a room, in order.

    It is what the API shows of them, as JSON: a list of messages needs no more. Raises
    NotThere if one of them cannot be sent.
    """
    if not ids:
        return None
    query = select(_FILE).where(*_can_be_sent(ids, room_id, user_id))
    with database.autocommit(current_app).connect() as connection:
        found = {row.id: to_dict(row) for row in connection.execute(query)}
    if len(found) < len(ids):
        raise NotThere
    return json.dumps([found[one] for one in ids], separators=(",", ":"))


def send(connection: Connection, message: dict[str, Any], ids: Sequence[int]) -> None:
    """Bind files to a message, in its transaction.

    Raises NotThere if one of them cannot be sent any more.
    """
    of_it = _can_be_sent(ids, message["room_id"], message["user_id"])
    values = {"message_id": message["id"], "expires_at": None}
    sent = connection.execute(update(_FILE).where(*of_it).values(values))
    if sent.rowcount < len(ids):
        raise NotThere


def drop(connection: Connection, message_id: int) -> None:
    """Let the files of a message go, in the transaction that deletes it.

    From the commit on nobody reads them; ``removal`` gives back what they take.
    """
    _expire(connection, File.message_id == message_id)


def drop_room(connection: Connection, room_id: int) -> None:
    """Let all files of a room go, in the transaction that deletes it."""
    _expire(connection, File.room_id == room_id)


def _can_be_sent(ids: Sequence[int], room_id: int, user_id: int) -> tuple[Any, ...]:
    return (
        File.id.in_(ids),
        File.room_id == room_id,
        File.user_id == user_id,
        File.message_id.is_(None),
        File.stored_at.is_not(None),
        File.expires_at > now(),
    )


def _expire(connection: Connection, which: Any) -> None:
    connection.execute(update(_FILE).where(which).values(expires_at=now()))
