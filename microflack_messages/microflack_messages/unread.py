"""Count what is unread, and how much of it mentions whom.

A room may have very many messages, of which somebody has not read the last ones. So the
bounds stand in the queries as numbers: with values of another table MariaDB would read
all of a room (see its manual, "Range optimization": a range needs constants).
"""

from collections.abc import Iterator, Mapping, Sequence

from flask import Flask, current_app
from sqlalchemy import Connection

from microflack_messages.unread_memory import Kept, RoomState, Unread, UnreadMemory

# SQLite takes 500 parts of a query, and expressions that are 1000 deep.
MOST_AT_ONCE = 200

_COUNTED = """COUNT(*), COALESCE(SUM(
 INSTR(REPLACE(REPLACE(mentions, '[', ','), ']', ','), ',{user:d},') > 0), 0)
 FROM messages{hint} WHERE user_id <> {user:d} AND deleted = 0"""
_AFTER = "room_id = {room:d} AND id > {read:d}"
_CHANGED = "SELECT DISTINCT room_id FROM messages{hint} WHERE "
_CHANGED_SINCE = _AFTER + " AND id <= {last:d} AND `change` > {change:d}"
_BY_ID = {"mysql": " FORCE INDEX (ix_messages_room_id)"}
_BY_CHANGE = {"mysql": " FORCE INDEX (ix_messages_change)"}


def init_app(app: Flask) -> None:
    """Give ``app`` a memory for what is unread."""
    app.extensions["microflack_unread_memory"] = UnreadMemory()


def of_user(
    connection: Connection, user_id: int, states: Mapping[int, RoomState]
) -> dict[int, Unread]:
    """Return what somebody has not read in rooms that are in these states."""
    memory: UnreadMemory = current_app.extensions["microflack_unread_memory"]
    kept = memory.find(user_id, states)
    for room_id in _changed_rooms(connection, kept, states):
        del kept[room_id]
    read = {
        room_id: kept[room_id].state.last_id if room_id in kept else state.read_up_to
        for room_id, state in states.items()
    }
    found = _count(connection, user_id, read)
    for room_id, state in states.items():
        before = kept[room_id].unread if room_id in kept else Unread()
        found[room_id] = before.plus(found.get(room_id, Unread()))
        memory.keep(user_id, room_id, state, found[room_id])
    return found


def of_members(
    connection: Connection, room_id: int, read: Mapping[int, int]
) -> dict[int, Unread]:
    """Return what some people have not read in a room.

    :param read: up to which message each has read.
    """
    found, hint = {}, _BY_ID.get(connection.dialect.name, "")
    for some in _batches(read):
        sql = " UNION ALL ".join(
            f"SELECT {user:d}, {_COUNTED.format(user=user, hint=hint)} AND "
            + _AFTER.format(room=room_id, read=read[user])
            for user in some
        )
        for user_id, *counts in connection.exec_driver_sql(sql):
            found[user_id] = Unread(*map(int, counts))
    return found


def _count(
    connection: Connection, user_id: int, read: Mapping[int, int]
) -> dict[int, Unread]:
    """Return what somebody has not read after some messages, one of each room."""
    hint = _BY_ID.get(connection.dialect.name, "")
    counted, found = _COUNTED.format(user=user_id, hint=hint), {}
    for some in _batches(read):
        after = _any(_AFTER.format(room=room, read=read[room]) for room in some)
        sql = f"SELECT room_id, {counted} AND {after} GROUP BY room_id"
        for room_id, *counts in connection.exec_driver_sql(sql):
            found[room_id] = Unread(*map(int, counts))
    return found


def _changed_rooms(
    connection: Connection, kept: Mapping[int, Kept], now: Mapping[int, RoomState]
) -> list[int]:
    """Return those of the rooms in which something was changed that was counted."""
    found: list[int] = []
    hint = _BY_CHANGE.get(connection.dialect.name, "")
    moved = {room: k.state for room, k in kept.items() if k.state != now[room]}
    for some in _batches(moved):
        since = _any(
            _CHANGED_SINCE.format(room=room, read=read, change=change, last=last)
            for room, (read, change, last) in ((one, moved[one]) for one in some)
        )
        sql = _CHANGED.format(hint=hint) + since
        found += [row.room_id for row in connection.exec_driver_sql(sql)]
    return found


def _any(conditions: Iterator[str]) -> str:
    return "(" + " OR ".join(f"({one})" for one in conditions) + ")"


def _batches(keys: Mapping[int, object]) -> Iterator[Sequence[int]]:
    some = list(keys)
    for first in range(0, len(some), MOST_AT_ONCE):
        yield some[first : first + MOST_AT_ONCE]
