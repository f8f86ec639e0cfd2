"""Count what is unread, and how much of it mentions whom.

A room may have very many messages, of which somebody has not read the last ones. So the
bounds stand in the queries as numbers: with values of another table MariaDB would read
all of a room (see its manual, "Range optimization": a range needs constants).
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import Connection

# SQLite takes 500 parts of a query, and expressions that are 1000 deep.
MOST_AT_ONCE = 400

_COUNTED = """COUNT(*), COALESCE(SUM(
 INSTR(REPLACE(REPLACE(mentions, '[', ','), ']', ','), ',{user:d},') > 0), 0)
 FROM messages{hint} WHERE user_id <> {user:d} AND deleted = 0"""
_AFTER = "room_id = {room:d} AND id > {read:d}"
_HINTS = {"mysql": " FORCE INDEX (ix_messages_room_id)"}


class Unread(NamedTuple):
    """How many messages somebody has not read, and how many of those mention them."""

    unread: int = 0
    mentions: int = 0


def of_user(
    connection: Connection, user_id: int, read: Mapping[int, int]
) -> dict[int, Unread]:
    """Return what somebody has not read, of rooms where there is something.

    :param read: up to which message it was read, for each room.
    """
    counted = _COUNTED.format(user=user_id, hint=_hint(connection))
    found = {}
    for some in _batches(read):
        after = " OR ".join(
            f"({_AFTER.format(room=room, read=read[room])})" for room in some
        )
        sql = f"SELECT room_id, {counted} AND ({after}) GROUP BY room_id"
        for room_id, *counts in connection.exec_driver_sql(sql):
            found[room_id] = Unread(*map(int, counts))
    return found


def of_members(
    connection: Connection, room_id: int, read: Mapping[int, int]
) -> dict[int, Unread]:
    """Return what some people have not read in a room.

    :param read: up to which message each has read.
    """
    found, hint = {}, _hint(connection)
    for some in _batches(read):
        sql = " UNION ALL ".join(
            f"SELECT {user:d}, {_COUNTED.format(user=user, hint=hint)} AND "
            + _AFTER.format(room=room_id, read=read[user])
            for user in some
        )
        for user_id, *counts in connection.exec_driver_sql(sql):
            found[user_id] = Unread(*map(int, counts))
    return found


def _hint(connection: Connection) -> str:
    return _HINTS.get(connection.dialect.name, "")


def _batches(read: Mapping[int, int]) -> Iterator[Sequence[int]]:
    keys = list(read)
    for first in range(0, len(keys), MOST_AT_ONCE):
        yield keys[first : first + MOST_AT_ONCE]
