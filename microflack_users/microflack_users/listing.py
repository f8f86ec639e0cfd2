"""Lists of users, each as JSON for as long as no user changes.

With every change of a user the database changes the version of all lists.
"""

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

from flask import Flask, Response, current_app, url_for
from sqlalchemy import Select, bindparam, or_, select, true

from microflack_common import database
from microflack_common.audience import EVERYBODY
from microflack_common.config import version
from microflack_common.pages import within_bytes
from microflack_common.versioned_cache import VersionedCache
from microflack_users.models import COLUMNS, User, UsersVersion, to_dict

Query = dict[str, Any]

_VERSION = "SELECT version FROM users_version WHERE id = 1"


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
            found = rows.limit(bindparam("rows")).subquery()
            # Of the same moment. Where there are no rows, the version comes alone.
            joined = UsersVersion.__table__.outerjoin(found, true())
            columns = (UsersVersion.version, *found.c)
            yield (filtered, after), select(*columns).select_from(joined)


# Made once: making them takes longer than what the server needs for them.
_ROWS = dict(_rows())


def init_app(app: Flask) -> None:
    """Give ``app`` a memory for lists."""
    app.extensions["microflack_lists"] = VersionedCache(version(__file__))


def respond(query: Query) -> Response:
    """Answer with the list that a query asks for, and the way on if it was cut."""
    cache: VersionedCache = current_app.extensions["microflack_lists"]
    return cache.respond(
        EVERYBODY, tuple(sorted(query.items())), _version, lambda: _make(query)
    )


def _version() -> str:
    return str(database.read_value(current_app, _VERSION))


def _make(query: Query) -> tuple[str, bytes]:
    """Read the list, in one statement: all of it is of the same moment."""
    with database.autocommit(current_app).connect() as connection:
        found = connection.execute(_ROWS[_kind(query)], _values(query)).all()
    rows = sorted(
        (row for row in found if row.id is not None),
        key=lambda row: (row.updated_at, row.nickname),
    )
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
    return found[0].version, body.encode()


def _kind(query: Query) -> tuple[bool, bool]:
    return "online" in query, "after" in query


def _values(query: Query) -> dict[str, Any]:
    """Return the values of a query, for one user more than asked for."""
    values = {"since": query.get("updated_since", 0), "rows": query["limit"] + 1}
    return values | {name: query[name] for name in ("online", "after") if name in query}
