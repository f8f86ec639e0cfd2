"""The endpoint that finds messages."""

from typing import Any
from urllib.parse import urlencode

from apiflask import Schema
from apiflask.validators import Length
from flask import Response, current_app, jsonify, url_for
from sqlalchemy import Row, bindparam, or_, select

from microflack_common import database
from microflack_common.auth import current_user_id, reader_auth
from microflack_common.fields import Count, Text
from microflack_common.pages import within_bytes
from microflack_messages import permissions
from microflack_messages.blueprint import messages
from microflack_messages.listing import LIST_DEFAULT, LIST_LIMIT
from microflack_messages.models import Room, RoomMember, to_dict
from microflack_messages.room_models import DELETED, PUBLIC, REMOVED
from microflack_messages.schemas import MessageList, check_visible
from microflack_messages.search import finder
from microflack_messages.search.finder import Search
from microflack_messages.search.terms import query_of

MAX_QUERY_LENGTH = 200
_READABLE = (
    select(Room.id)
    .outerjoin(
        RoomMember,
        (RoomMember.room_id == Room.id) & (RoomMember.user_id == bindparam("user_id")),
    )
    .where(Room.kind.not_in([DELETED, REMOVED]))
    .where(or_(Room.kind == PUBLIC, RoomMember.user_id.is_not(None)))
)


class SearchQuery(Schema):
    """What is looked for."""

    q = Text(
        required=True,
        validate=[
            Length(1, MAX_QUERY_LENGTH, error="Must have 1 to {max} characters."),
            check_visible,
        ],
        metadata={"description": "Words, or beginnings of them, in any order"},
    )
    room = Count(1, metadata={"description": "By default all that one may read"})
    author = Count(1, metadata={"description": "A user's id"})
    before_id = Count(1, metadata={"description": "Continues a list"})
    limit = Count(1, LIST_LIMIT, load_default=LIST_DEFAULT)


@messages.get("/search")
@messages.auth_required(reader_auth)
@messages.input(SearchQuery, location="query")
@messages.output(MessageList)
@messages.doc(responses={404: "No such room"})
def search(query_data: dict[str, Any]) -> Response:
    """Find messages by their words, the newest first. For everybody who may read them.

    A message is found by all words of `q`, in any order, or by beginnings of them; by
    parts of what is written without spaces, such as Chinese. Case and accents do not
    matter. A list that was cut has `_links.next`, the URL that continues it.
    """
    query, limit = query_of(query_data["q"]), query_data["limit"]
    rooms = _rooms(query_data.get("room"))
    found: list[Row[Any]] = []
    if not query.is_empty():
        wanted = (query_data.get("author"), query_data.get("before_id"))
        with database.autocommit(current_app).connect() as connection:
            found = finder.find(connection, Search(query, rooms, *wanted), limit + 1)
    shown = within_bytes([to_dict(row) for row in found[:limit]])
    answer: dict[str, Any] = {"messages": shown}
    if len(shown) < len(found):
        again = query_data | {"before_id": shown[-1]["id"]}
        url = f"{url_for('messages.search')}?{urlencode(again)}"
        answer["_links"] = {"next": url}
    return jsonify(answer)


def _rooms(room_id: int | None) -> frozenset[int]:
    """Return where is looked; end the request with 404 if one may not read there."""
    user_id = current_user_id()
    if room_id is not None:
        permissions.require_reading(room_id, user_id)
        return frozenset([room_id])
    with database.autocommit(current_app).connect() as connection:
        return frozenset(connection.scalars(_READABLE, {"user_id": user_id}))
