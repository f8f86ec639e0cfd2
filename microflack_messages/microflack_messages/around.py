"""Lists of what was said just before and after a message."""

from typing import Any

from flask import Response, abort, current_app
from sqlalchemy import bindparam, select, union_all

from microflack_common import database
from microflack_common.pages import MAX_BYTES, within_bytes
from microflack_messages.listing import (
    IN_ROOM,
    page_url,
    respond_with,
    to_json,
    with_last_change,
)
from microflack_messages.models import Message, to_dict

_THIS = bindparam("around")
_BEFORE = IN_ROOM.where(Message.id < _THIS).order_by(Message.id.desc())
_FROM = IN_ROOM.where(Message.id >= _THIS).order_by(Message.id)
# SQLite takes no limit in a part of a union, but a query for all of that part.
_PARTS = [
    select(part.limit(bindparam(rows)).subquery())
    for part, rows in ((_BEFORE, "rows_before"), (_FROM, "rows_from"))
]
_STATEMENT = with_last_change(union_all(*_PARTS).subquery())


def respond(query: dict[str, Any]) -> Response:
    """Answer as ``listing.respond`` does, with what is around a message.

    Ends the request with 404 if there is no such message in the room.
    """
    before = query["limit"] // 2
    # One more of each, to know whether there are more.
    values = {"around": query["around"], "rows_before": before + 1}
    values["rows_from"] = query["limit"] - before + 1
    return respond_with(query, lambda values: _make(values, query), values)


def _make(values: dict[str, Any], query: dict[str, Any]) -> tuple[int, bytes]:
    with database.autocommit(current_app).connect() as connection:
        rows = connection.execute(_STATEMENT, values).all()
    found = sorted((row for row in rows if row.id is not None), key=lambda row: row.id)
    older = [to_dict(row) for row in found if row.id < query["around"]]
    newer = [to_dict(row) for row in found[len(older) :]]
    if not newer or newer[0]["id"] != query["around"]:
        abort(404, f"There is no message {query['around']} in the room.")
    half = query["limit"] // 2
    first = within_bytes(older[-half:] if half else [], True, MAX_BYTES // 2)
    last = within_bytes(newer[: query["limit"] - half], False, MAX_BYTES // 2)
    shown, links = [*first, *last], {}
    if len(first) < len(older):
        links["prev"] = page_url(query, f"before_id={shown[0]['id']}")
    if len(last) < len(newer):
        links["next"] = page_url(query, f"around={newer[len(last)]['id']}")
    return rows[0].last_change, to_json(shown, rows[0].last_change, links)
