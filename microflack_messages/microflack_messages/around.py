"""Lists of what was said just before and after a message, or a moment."""

from typing import Any

from flask import Response, abort, current_app
from sqlalchemy import Connection, bindparam, select, union_all

from microflack_common import database
from microflack_common.pages import MAX_BYTES, within_bytes
from microflack_messages.listing import (
    IN_ROOM,
    page_url,
    respond_with,
    to_json,
    with_last_change,
)
from microflack_messages.models import MAX_ID, Message, to_dict

_THIS = bindparam("around")
_BEFORE = IN_ROOM.where(Message.id < _THIS).order_by(Message.id.desc())
_FROM = IN_ROOM.where(Message.id >= _THIS).order_by(Message.id)
# SQLite takes no limit in a part of a union, but a query for all of that part.
_PARTS = [
    select(part.limit(bindparam(rows)).subquery())
    for part, rows in ((_BEFORE, "rows_before"), (_FROM, "rows_from"))
]
_STATEMENT = with_last_change(union_all(*_PARTS).subquery())
_NEXT = (
    select(Message.id, Message.created_at)
    .where(Message.room_id == bindparam("room_id"), Message.id >= bindparam("first_id"))
    .order_by(Message.id)
    .limit(1)
)


def respond(query: dict[str, Any]) -> Response:
    """Answer as ``listing.respond`` does, with what is around a message.

    :param query: names it by ``around``: 404 ends the request if it is not in the room;
        or by ``around_time``: it is the first one since then, and if there is none, the
        list has what was said last.
    """
    before = query["limit"] // 2
    # One more of each, to know whether there are more.
    values = {"rows_before": before + 1, "rows_from": query["limit"] - before + 1}
    return respond_with(query, lambda values: _make(values, query), values)


def _make(values: dict[str, Any], query: dict[str, Any]) -> tuple[int, bytes]:
    with database.autocommit(current_app).connect() as connection:
        middle = _middle(connection, values["room_id"], query)
        rows = connection.execute(_STATEMENT, values | {"around": middle}).all()
    found = sorted((row for row in rows if row.id is not None), key=lambda row: row.id)
    older = [to_dict(row) for row in found if row.id < middle]
    newer = [to_dict(row) for row in found[len(older) :]]
    if "around" in query and (not newer or newer[0]["id"] != middle):
        abort(404, f"There is no message {middle} in the room.")
    half = query["limit"] // 2
    first = within_bytes(older[-half:] if half else [], True, MAX_BYTES // 2)
    last = within_bytes(newer[: query["limit"] - half], False, MAX_BYTES // 2)
    shown, links = [*first, *last], {}
    if len(first) < len(older):
        oldest = shown[0]["id"] if shown else middle
        links["prev"] = page_url(query, f"before_id={oldest}")
    if len(last) < len(newer):
        links["next"] = page_url(query, f"around={newer[len(last)]['id']}")
    return rows[0].last_change, to_json(shown, rows[0].last_change, links)


def _middle(connection: Connection, room_id: int, query: dict[str, Any]) -> int:
    """Return the id of the message that a list is around, or one above all ids.

    Times have no index. They grow with the ids, but for what comes within the same few
    seconds, so that the first one is found by halves, in some thirty reads.
    """
    if "around" in query:
        return int(query["around"])
    low, high = 1, MAX_ID + 1
    while low < high:
        half = (low + high) // 2
        values = {"room_id": room_id, "first_id": half}
        row = connection.execute(_NEXT, values).one_or_none()
        if row is None or row.created_at >= query["around_time"]:
            high = half
        else:
            low = row.id + 1
    return low
