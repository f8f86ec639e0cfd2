"""The list of rooms, as JSON for as long as nothing changes in what it shows.

Its version is made of numbers that only grow: those of the public rooms, those of the
rooms that the person is in besides, and the version of how that person sees rooms,
which is another one whenever they come into a room or leave one. What is left of
deleted rooms is counted with the public ones, so that no sum is there twice.
"""

import json

from flask import Flask, Response, current_app

from microflack_common import audience, database
from microflack_common.audience import EVERYBODY
from microflack_common.config import version
from microflack_common.snapshot import snapshot
from microflack_common.versioned_cache import VersionedCache
from microflack_messages import own_views, room_views
from microflack_messages.models import db
from microflack_messages.people import people

_PUBLIC = """(SELECT COALESCE(SUM(last_change + version), 0) FROM rooms
 WHERE kind IN ('public', 'deleted', 'removed'))"""
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
    if user_id is None:
        return f"SELECT {_PUBLIC}"
    parts = [one.format(user=user_id) for one in (*_OWN, _PUBLIC)]
    if db.engine.dialect.name == "mysql":
        return f"SELECT CONCAT_WS(':', {', '.join(parts)})"
    return "SELECT " + " || ':' || ".join(parts)
