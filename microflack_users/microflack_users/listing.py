"""Lists of users: which there are, and what the API shows of them.

What a list shows is named by one value that the database computes: its version. It
needs no counter, which earlier releases that write beside this one would not know of.
"""

import json
from collections.abc import Iterable, Iterator
from hashlib import blake2b
from typing import Any
from urllib.parse import urlencode

from flask import Flask, Response, current_app, url_for
from sqlalchemy import Row, Select, String, bindparam, case, cast, func, or_, select

from microflack_common import database
from microflack_common.audience import EVERYBODY
from microflack_common.config import version
from microflack_common.pages import within_bytes
from microflack_common.versioned_cache import VersionedCache
from microflack_users.models import COLUMNS, User, to_dict

Query = dict[str, Any]

# What the version of a list says of accounts that are not as most are.
ADMIN, DEACTIVATED = "admin", "deactivated"


def _rows() -> Iterator[tuple[tuple[bool, bool], Select[Any]]]:
    """Yield a query for each kind of list: with a filter, and continued, or not."""
    for filtered in (False, True):
        for after in (False, True):
            rows = select(*COLUMNS).where(User.updated_at >= bindparam("since"))
            if filtered:
                rows = rows.where(User.online == bindparam("online"))
            if after:
                # Not a comparison of tuples, for which MariaDB does not use the index.
                later = User.updated_at > bindparam("since")
                rows = rows.where(or_(later, User.nickname > bindparam("after")))
            rows = rows.order_by(User.updated_at, User.nickname)
            yield (filtered, after), rows.limit(bindparam("rows"))


def _names(rows: Select[Any]) -> Select[Any]:
    """Return a query for what _name says of each row, in one value."""
    # Put together outside of the subquery, it takes MariaDB a seventh of the time.
    user = rows.subquery().c
    numbers = [cast(user[name], String) + " " for name in ("id", "updated_at")]
    seen = cast(user.last_seen_at, String) + case((user.online, "+"), else_="-")
    role = case((user.admin, ADMIN), else_="") + case(
        (user.deactivated, DEACTIVATED), else_=""
    )
    name = numbers[0] + numbers[1] + seen + role + "=" + user.nickname
    return select(func.aggregate_strings(name, "\n"))


# Made once: making them takes longer than what the server needs for them.
_ROWS = dict(_rows())
_NAMES = {kind: _names(rows) for kind, rows in _ROWS.items()}


def init_app(app: Flask) -> None:
    """Give ``app`` a memory for lists."""
    app.extensions["microflack_lists"] = VersionedCache(version(__file__))


def respond(query: Query) -> Response:
    """Answer with the list that a query asks for, and the way on if it was cut."""
    cache: VersionedCache = current_app.extensions["microflack_lists"]
    key = tuple(query.items())
    return cache.respond(
        EVERYBODY, key, lambda: _version(query), lambda: _make(query), version_of=key
    )


def _version(query: Query) -> str:
    with database.autocommit(current_app).connect() as connection:
        named: str | None = connection.scalar(_NAMES[_kind(query)], _values(query))
    return _digest(named.split("\n") if named else [])


def _make(query: Query) -> tuple[str, bytes]:
    """Read the list, in one statement: all of it is of the same moment."""
    with database.autocommit(current_app).connect() as connection:
        rows = connection.execute(_ROWS[_kind(query)], _values(query)).all()
    users = within_bytes([to_dict(row) for row in rows[: query["limit"]]])
    shown = rows[: len(users)]
    answer: dict[str, Any] = {"users": users}
    if len(rows) > len(shown):
        following = {"updated_since": shown[-1].updated_at, "after": shown[-1].nickname}
        following |= {
            name: query[name] for name in ("online", "limit") if name in query
        }
        answer["_links"] = {"next": f"{url_for('users.index')}?{urlencode(following)}"}
    body = json.dumps(answer, separators=(",", ":")) + "\n"
    return _digest(map(_name, rows)), body.encode()


def _kind(query: Query) -> tuple[bool, bool]:
    return "online" in query, "after" in query


def _values(query: Query) -> dict[str, Any]:
    """Return the values of a query, for one user more than asked for."""
    values = {"since": query.get("updated_since", 0), "rows": query["limit"] + 1}
    return values | {name: query[name] for name in ("online", "after") if name in query}


def _name(user: Row[Any]) -> str:
    """Return all that can change of what is shown of a user.

    Nicknames have no line breaks, so several of these, in lines, are one thing only.
    """
    sign = "+" if user.online else "-"
    role = ADMIN * bool(user.admin) + DEACTIVATED * bool(user.deactivated)
    numbers = f"{user.id} {user.updated_at} {user.last_seen_at}"
    return f"{numbers}{sign}{role}={user.nickname}"


def _digest(names: Iterable[str]) -> str:
    # The database puts them together in any order.
    return blake2b("\n".join(sorted(names)).encode(), digest_size=12).hexdigest()
