"""Lists of messages, each as JSON for as long as its room's last number is the same.

Whatever changes something in a room takes a number. So that one is the version of all
lists of the room: they are made once for each.
"""

import json
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from flask import Flask, Response, current_app, url_for
from sqlalchemy import FromClause, Row, Select, bindparam, or_, select, true

from microflack_common import database
from microflack_common.config import version
from microflack_common.pages import within_bytes
from microflack_common.versioned_cache import VersionedCache
from microflack_messages.models import COLUMNS, EVERYONE, Message, Room, now, to_dict
from microflack_messages.permissions import hearers

# A list has at most LIST_LIMIT messages, and LIST_DEFAULT if nobody says how many.
LIST_LIMIT = 500
LIST_DEFAULT = 100
# How far back a list goes that is not told from where, and how exactly: it is another
# list after so many seconds.
LIST_PERIOD_SECONDS, LIST_STEP_SECONDS = 24 * 60 * 60, 60

_THIS_ROOM = Room.id == bindparam("room_id")
# For every list that is asked for: as text it takes two thirds of the time.
_LAST_CHANGE = "SELECT last_change FROM rooms WHERE id = {:d}"


def with_last_change(rows: FromClause) -> Select[Any]:
    """Return a query for rows and the room's last number at the same moment.

    Where there are no rows, the number comes alone.

    :param rows: of ``COLUMNS``, all in the room that the parameter ``room_id`` names.
    """
    joined = Room.__table__.outerjoin(rows, true())
    return select(Room.last_change, *rows.c).select_from(joined).where(_THIS_ROOM)


def _limited(selection: Select[Any]) -> Select[Any]:
    return with_last_change(selection.limit(bindparam("rows")).subquery())


IN_ROOM = select(*COLUMNS).where(Message.room_id == bindparam("room_id"))
_SINCE = IN_ROOM.where(Message.updated_at >= bindparam("updated_since"))
# Places are not compared as tuples, for which MariaDB does not use the index.
_BEHIND = or_(
    Message.updated_at > bindparam("updated_since"), Message.id > bindparam("after_id")
)
_BY_TIME = (Message.updated_at, Message.id)
_LATEST_FIRST = (Message.updated_at.desc(), Message.id.desc())


class Kind(NamedTuple):
    """A kind of list: how it is read, in which order it is, and what continues it."""

    # Made once: making it takes longer than what the server needs for it.
    statement: Select[Any]
    place: Callable[[Row[Any]], Any]
    following: Callable[[Sequence[Row[Any]]], str]
    # Whether the oldest are left out if there are too many.
    backwards: bool = False


def _time(row: Row[Any]) -> tuple[int, int]:
    return row.updated_at, row.id


def _since(rows: Sequence[Row[Any]]) -> str:
    return f"updated_since={rows[-1].updated_at}&after_id={rows[-1].id}"


LATEST = Kind(_limited(_SINCE.order_by(*_LATEST_FIRST)), _time, lambda _: "", True)
CHANGED = Kind(_limited(_SINCE.order_by(*_BY_TIME)), _time, _since)
CHANGED_BEHIND = Kind(
    _limited(_SINCE.where(_BEHIND).order_by(*_BY_TIME)), _time, _since
)
BEFORE = Kind(
    _limited(
        IN_ROOM.where(Message.id < bindparam("before_id")).order_by(Message.id.desc())
    ),
    lambda row: row.id,
    lambda rows: f"before_id={rows[0].id}",
    True,
)
AFTER = Kind(
    _limited(
        IN_ROOM.where(Message.change > bindparam("after")).order_by(Message.change)
    ),
    lambda row: row.change,
    lambda rows: f"after={rows[-1].change}",
)


def init_app(app: Flask) -> None:
    """Give ``app`` a memory for its lists."""
    app.extensions["microflack_lists"] = VersionedCache(version(__file__))


def respond(query: dict[str, Any]) -> Response:
    """Answer with the list of a room that a query asks for: 200, or 304 without it.

    :param query: whoever asks may read its ``room``.
    """
    kind, values = _kind(query)
    return respond_with(query, lambda values: _make(kind, values, query), values)


def respond_with(
    query: dict[str, Any],
    make: Callable[[dict[str, Any]], tuple[int, bytes]],
    values: dict[str, Any],
) -> Response:
    """Answer as ``respond`` does, with a list that a function makes.

    :param make: is given the values, with ``room_id``; it returns the room's last
        number at its moment, and the JSON.
    :param values: of the query's parameters. Where they depend on the time, it is by
        ``updated_since``.
    """
    lists: VersionedCache = current_app.extensions["microflack_lists"]
    room_id = query.get("room", EVERYONE)
    return lists.respond(
        hearers(room_id),
        (tuple(sorted(query.items())), values.get("updated_since")),
        lambda: _last_change(room_id),
        lambda: make(values | {"room_id": room_id}),
    )


def _kind(query: dict[str, Any]) -> tuple[Kind, dict[str, Any]]:
    """Return which kind of list a query asks for, and the values to read it with."""
    values = query | {"rows": query["limit"] + 1}
    if "after" in query:
        return AFTER, values
    if "before_id" in query:
        return BEFORE, values
    if "updated_since" in query:
        return (CHANGED_BEHIND if query.get("after_id") else CHANGED), values
    begin = now() // LIST_STEP_SECONDS * LIST_STEP_SECONDS - LIST_PERIOD_SECONDS
    return LATEST, values | {"updated_since": 0 if "room" in query else begin}


def _last_change(room_id: int) -> int:
    last_change = database.read_value(current_app, _LAST_CHANGE.format(room_id))
    if last_change is None:
        raise LookupError(f"There is no room {room_id}.")
    return int(last_change)


def _make(
    kind: Kind, values: dict[str, Any], query: dict[str, Any]
) -> tuple[int, bytes]:
    """Make a list; return the room's last number at its moment, and the JSON.

    A number to be listed ``after`` that was never given comes from another time, such
    as before a backup was restored: the number of today is lower, and says so.
    """
    with database.autocommit(current_app).connect() as connection:
        rows = connection.execute(kind.statement, values).all()
    last_change, limit = rows[0].last_change, query["limit"]
    found = sorted((row for row in rows if row.id is not None), key=kind.place)
    shown = found[-limit:] if kind.backwards else found[:limit]
    messages = within_bytes(list(map(to_dict, shown)), kind.backwards)
    shown = shown[-len(messages) :] if kind.backwards else shown[: len(messages)]
    links = {}
    if len(found) > len(shown) and (following := kind.following(shown)):
        links["next"] = page_url(query, following)
    return last_change, to_json(messages, last_change, links)


def page_url(query: dict[str, Any], place: str) -> str:
    """Return the URL of another page of the list that a query asks for."""
    room = f"room={query['room']}&" if "room" in query else ""
    return f"{url_for('messages.index')}?{room}{place}&limit={query['limit']}"


def to_json(
    messages: Sequence[dict[str, Any]], last_change: int, links: dict[str, str]
) -> bytes:
    """Return the body of an answer with a list."""
    answer: dict[str, Any] = {"messages": messages, "change": last_change}
    if links:
        answer["_links"] = links
    return json.dumps(answer, separators=(",", ":")).encode() + b"\n"
