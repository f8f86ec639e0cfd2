"""Lists of users: which there are, and what the API shows of them.

The database names the users of a list in one value, ``UPDATED_AT NICKNAME ID TAG,...``
(the nickname in hexadecimal digits), and what belongs to a tag that was seen before is
not read again.
"""

import json
from collections.abc import Iterator
from typing import Any, NamedTuple
from urllib.parse import urlencode

from flask import Flask, current_app
from sqlalchemy import Select, String, bindparam, case, cast, func, or_, select

from microflack_common import database
from microflack_common.fragments import Fragments
from microflack_common.together import Together
from microflack_users.models import COLUMNS, User, to_dict

# It holds all that can change of what is shown, but for what stands before it.
TAG = cast(User.last_seen_at, String) + case((User.online.is_(True), "+"), else_="-")
NICKNAME = func.hex(User.nickname)
NAME = (
    cast(User.updated_at, String) + " " + NICKNAME + " " + cast(User.id, String)
) + (" " + TAG)


class Place(NamedTuple):
    """One user of a list: where it stands there, and its tag."""

    updated_at: int
    nickname: str
    id: int
    tag: str


_ALL = select(NAME.label("name")).order_by(User.updated_at, User.nickname)
_READ = select(*COLUMNS, NAME.label("name")).where(
    User.id.in_(bindparam("ids", expanding=True))
)


def _selections() -> Iterator[tuple[tuple[bool, bool], Select[Any]]]:
    for filtered in (False, True):
        for after in (False, True):
            rows = _ALL.where(User.updated_at >= bindparam("since"))
            if filtered:
                rows = rows.where(User.online == bindparam("online"))
            if after:
                # Not a comparison of tuples, for which MariaDB does not use the index.
                later = User.updated_at > bindparam("since")
                rows = rows.where(or_(later, User.nickname > bindparam("after")))
            page = rows.limit(bindparam("rows")).subquery()
            yield (filtered, after), select(func.group_concat(page.c.name))


# Made once: making them takes longer than what the server needs for them.
_SELECTIONS = dict(_selections())


def init_app(app: Flask) -> None:
    """Give ``app`` a memory for what is shown of users, and turns to ask for them."""
    app.extensions["microflack_fragments"] = Fragments()
    app.extensions["microflack_together"] = Together()


def to_json(query: dict[str, Any], url: str) -> bytes:
    """Return the list that a query asks for, and the way on if it was cut.

    :param url: where the list is found.
    """
    together: Together = current_app.extensions["microflack_together"]
    named = together.ask(tuple(query.items()), lambda: _names(query))
    fragments: Fragments = current_app.extensions["microflack_fragments"]
    kept = {name: query[name] for name in ("online", "limit") if name in query}
    return fragments.answer(
        (named, *kept.items()), lambda: _made(fragments, named, kept, url)
    )


def _names(query: dict[str, Any]) -> str:
    """Return the names of the users, one more than asked for if there are more."""
    values = {"since": query.get("updated_since", 0), "rows": query["limit"] + 1}
    values |= {name: query[name] for name in ("online", "after") if name in query}
    selection = _SELECTIONS["online" in query, "after" in query]
    with database.autocommit(current_app).connect() as connection:
        return connection.scalar(selection, values) or ""


def _made(fragments: Fragments, named: str, kept: dict[str, int], url: str) -> bytes:
    places = sorted(map(_place, named.split(","))) if named else []
    shown = places[: kept["limit"]]
    listed = [(place.id, _tag(place)) for place in shown]
    body = b'{"users":' + fragments.array(listed, _read)
    if len(places) > len(shown):
        last = shown[-1]
        nickname = bytes.fromhex(last.nickname).decode()
        following = {"updated_since": last.updated_at, "after": nickname} | kept
        links = {"next": f"{url}?{urlencode(following)}"}
        body += b',"_links":' + json.dumps(links).encode()
    return body + b"}\n"


def _place(name: str) -> Place:
    updated_at, nickname, user_id, tag = name.split(" ")
    return Place(int(updated_at), nickname, int(user_id), tag)


def _tag(place: Place) -> str:
    return f"{place.updated_at} {place.nickname} {place.tag}"


def _read(ids: list[int]) -> list[tuple[int, str, dict[str, Any]]]:
    with database.autocommit(current_app).connect() as connection:
        rows = connection.execute(_READ, {"ids": ids})
        return [(row.id, _tag(_place(row.name)), to_dict(row)) for row in rows]
