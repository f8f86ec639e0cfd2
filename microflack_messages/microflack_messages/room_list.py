"""The list of rooms, as JSON for as long as nothing changes in what it shows.

Its version is made of numbers that only grow: those of the public rooms, those of the
rooms that the person is in besides, and the version of how that person sees rooms,
which is another one whenever they come into a room or leave one.

Of public rooms it has how many there are and the highest id, too: no id is given twice,
so that with the same three they are the same rooms. What is left of deleted rooms is
not in it: nobody learns from a list, or its ``ETag``, that a room is gone which they
never saw, nor how much was said there.
"""

import json
from collections.abc import Sequence

from flask import Flask, Response, current_app

from microflack_common import audience, database
from microflack_common.audience import EVERYBODY
from microflack_common.config import version
from microflack_common.snapshot import snapshot
from microflack_common.versioned_cache import VersionedCache
from microflack_messages import own_views, room_views
from microflack_messages.models import db
from microflack_messages.people import people

_PUBLIC = "(SELECT {numbers} FROM rooms WHERE kind = 'public')"
_PUBLIC_NUMBERS = ("COUNT(*)", "MAX(id)", "SUM(last_change + version)")
# Whether the person was here before, how they see rooms, and what is in their own.
_OWN = (
    "(SELECT COUNT(*) FROM room_members WHERE room_id = 1 AND user_id = {user:d})",
    "COALESCE((SELECT version FROM room_views WHERE user_id = {user:d}), '')",
    """(SELECT COALESCE(SUM(r.last_change + r.version), 0)
 FROM room_members m JOIN rooms r ON r.id = m.room_id
 WHERE m.user_id = {user:d} AND r.kind IN ('private', 'direct'))""",
)
NEWCOMER = "0:"


def init_app(app: Flask) -> None:
    """Give ``app`` a memory for lists of rooms."""
    app.extensions["microflack_room_lists"] = VersionedCache(version(__file__))


def respond(user_id: int | None) -> Response:
    """Answer with the rooms that somebody may read: 200, or 304 without them."""
    people().refresh()
    lists: VersionedCache = current_app.extensions["microflack_room_lists"]
    return lists.respond(
        audience.user(user_id) if user_id else EVERYBODY,
        "rooms",
        lambda: _version(user_id),
        lambda: _make(user_id),
    )


def _version(user_id: int | None) -> tuple[str, str]:
    sql = _sql(user_id)
    found = str(database.read_value(current_app, sql))
    if user_id and found.startswith(NEWCOMER):
        own_views.begin(user_id)
        found = str(database.read_value(current_app, sql))
    return found, people().digest()


def _make(user_id: int | None) -> tuple[tuple[str, str], bytes]:
    digest = people().digest()
    with snapshot(db.engine) as connection:
        found = str(connection.exec_driver_sql(_sql(user_id)).scalar())
        rooms = room_views.of_user(connection, user_id)
    body = json.dumps({"rooms": rooms}, separators=(",", ":")).encode() + b"\n"
    return (found, digest), body


def _sql(user_id: int | None) -> str:
    """Return a query for what changes with everything that the list shows."""
    # The room of everybody is always there: none of the three is NULL.
    public = _PUBLIC.format(numbers=_joined(_PUBLIC_NUMBERS))
    if user_id is None:
        return f"SELECT {public}"
    return "SELECT " + _joined([one.format(user=user_id) for one in _OWN] + [public])


def _joined(parts: Sequence[str]) -> str:
    """Return an expression for one text of several values."""
    if db.engine.dialect.name == "mysql":
        return f"CONCAT_WS(':', {', '.join(parts)})"
    return " || ':' || ".join(parts)
