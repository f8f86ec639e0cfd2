"""Lists of messages: which there are, and what they look like.

The database names the messages of a list in one value, ``UPDATED_AT ID TAG,...``, and
what belongs to a tag that was seen before is not read again.
"""

import json
from functools import lru_cache
from hashlib import blake2b
from typing import Any, NamedTuple

from flask import Flask, current_app
from sqlalchemy import Select, String, bindparam, cast, func, or_, select

from microflack_common import database
from microflack_common.fragments import Fragments
from microflack_common.together import Together
from microflack_messages import beside_release_6
from microflack_messages.models import (
    COLUMNS,
    EVERYONE,
    Message,
    Room,
    db,
    now,
    to_dict,
)

# A list has at most LIST_LIMIT messages, and LIST_DEFAULT if nobody says how many.
LIST_LIMIT = 500
LIST_DEFAULT = 100
# Seconds: how far back a list goes that is not told from where.
LIST_PERIOD = 24 * 60 * 60

# It changes with the message. The length is for releases before 4, which add cards to a
# revision, and the number for those before 7, which give it later.
TAG = (
    Message.revision
    + "-"
    + cast(func.length(Message.html), String)
    + "-"
    + cast(func.coalesce(Message.change, 0), String)
)
NAME = cast(Message.updated_at, String) + " " + cast(Message.id, String) + " " + TAG


class Place(NamedTuple):
    """One message of a list: where it stands there, and its tag."""

    updated_at: int
    id: int
    tag: str


def _named(selection: Select[Any]) -> Select[Any]:
    """Return a query that names the rows of ``selection`` in one value.

    Its other value is the last change number of the same moment.
    """
    rows = selection.limit(bindparam("rows")).subquery()
    last = select(Room.last_change).where(Room.id == bindparam("room_id"))
    return select(func.group_concat(rows.c.name), last.scalar_subquery())


_ALL = select(NAME.label("name")).where(Message.room_id == bindparam("room_id"))
_SINCE = _ALL.where(Message.updated_at >= bindparam("since"))
_BY_CHANGE = (Message.updated_at, Message.id)
# Made once: making them takes longer than what the server needs for them. Places are
# not compared as tuples, for which MariaDB does not use the index.
_LATEST = _named(_SINCE.order_by(Message.updated_at.desc(), Message.id.desc()))
_CHANGED = _named(_SINCE.order_by(*_BY_CHANGE))
_CHANGED_AFTER = _named(
    _SINCE.where(
        or_(Message.updated_at > bindparam("since"), Message.id > bindparam("after_id"))
    ).order_by(*_BY_CHANGE)
)
_BEFORE = _named(
    _ALL.where(Message.id < bindparam("before_id")).order_by(Message.id.desc())
)
_AFTER = (
    select(*COLUMNS)
    .where(Message.room_id == bindparam("room_id"))
    .where(Message.change > bindparam("after"))
    .order_by(Message.change)
    .limit(bindparam("rows"))
)
_LAST = select(Room.last_change).where(Room.id == bindparam("room_id"))
_READ = select(*COLUMNS, TAG.label("tag")).where(
    Message.id.in_(bindparam("ids", expanding=True))
)


def init_app(app: Flask) -> None:
    """Give ``app`` a memory for what messages look like, and turns to ask for them."""
    app.extensions["microflack_fragments"] = Fragments()
    app.extensions["microflack_together"] = Together()


def to_json(query: dict[str, Any], url: str) -> bytes:
    """Return the list of a room that a query asks for, and the way on if it was cut.

    :param query: whoever asks may read its ``room``.
    :param url: where the list is found.
    """
    url += f"?room={query['room']}&" if "room" in query else "?"
    if "after" in query:
        return _changes(query, url)
    together: Together = current_app.extensions["microflack_together"]
    named, last = together.ask(tuple(query.items()), lambda: _names(query))
    fragments: Fragments = current_app.extensions["microflack_fragments"]
    limit, backwards = query["limit"], "before_id" in query
    continued = backwards or "updated_since" in query
    return fragments.answer(
        (named, last, limit, backwards, continued, url),
        lambda: _made(fragments, named, last, limit, backwards, continued, url),
    )


@lru_cache(maxsize=16)
def etag(body: bytes) -> str:
    """Return a name of a list; of one that is kept in memory it is known, too."""
    return blake2b(body, digest_size=12).hexdigest()


def _changes(query: dict[str, Any], url: str) -> bytes:
    """Return what changed after a number, in the order of the numbers.

    A number that was never given comes from another time, such as before a backup was
    restored: the answer has the last number of today, which is lower.
    """
    room_id, limit = query.get("room", EVERYONE), query["limit"]
    if room_id == EVERYONE:
        beside_release_6.catch_up(db.engine)
    values = {"room_id": room_id, "after": query["after"], "rows": limit + 1}
    with database.autocommit(current_app).connect() as connection:
        # Asked for first: there may be more, but nothing up to it is missing.
        last = connection.scalar(_LAST, {"room_id": room_id}) or 0
        rows = list(connection.execute(_AFTER, values))
    messages = [to_dict(row) for row in rows[:limit]]
    if rows:
        last = max(last, rows[-1].change)
    answer: dict[str, Any] = {"messages": messages, "change": last}
    if len(rows) > limit:
        following = messages[-1]["change"]
        answer["_links"] = {"next": f"{url}after={following}&limit={limit}"}
    return json.dumps(answer, separators=(",", ":")).encode() + b"\n"


def _names(query: dict[str, Any]) -> tuple[str, int]:
    """Return the names of the messages, one more than asked for if there are more.

    The second value is the last change number.
    """
    values = {"rows": query["limit"] + 1, "room_id": query.get("room", EVERYONE)}
    if "before_id" in query:
        selection, values["before_id"] = _BEFORE, query["before_id"]
    elif "updated_since" not in query:
        selection = _LATEST
        values["rows"] = query["limit"]
        values["since"] = 0 if "room" in query else now() - LIST_PERIOD
    else:
        selection, values["since"] = _CHANGED, query["updated_since"]
        if after_id := query.get("after_id"):
            selection, values["after_id"] = _CHANGED_AFTER, after_id
    with database.autocommit(current_app).connect() as connection:
        named, last = connection.execute(selection, values).one()
    return named or "", last or 0


def _made(
    fragments: Fragments,
    named: str,
    last_change: int,
    limit: int,
    backwards: bool,
    continued: bool,
    url: str,
) -> bytes:
    places = sorted(map(_place, named.split(","))) if named else []
    more = continued and len(places) > limit
    if backwards:
        places.sort(key=lambda place: place.id)
        places = places[-limit:]
        following = f"before_id={places[0].id}" if more else ""
    else:
        places = places[:limit]
        last = places[-1] if more else Place(0, 0, "")
        following = f"updated_since={last.updated_at}&after_id={last.id}"
    body = b'{"messages":' + fragments.array(
        [(place.id, place.tag) for place in places], _read
    )
    body += b',"change":%d' % last_change
    if more:
        links = {"next": f"{url}{following}&limit={limit}"}
        body += b',"_links":' + json.dumps(links).encode()
    return body + b"}\n"


def _place(name: str) -> Place:
    updated_at, message_id, tag = name.split(" ")
    return Place(int(updated_at), int(message_id), tag)


def _read(ids: list[int]) -> list[tuple[int, str, dict[str, Any]]]:
    with database.autocommit(current_app).connect() as connection:
        rows = connection.execute(_READ, {"ids": ids})
        return [(row.id, row.tag, to_dict(row)) for row in rows]
