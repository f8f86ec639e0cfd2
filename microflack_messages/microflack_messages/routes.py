"""The /api/messages endpoints."""

from collections.abc import Sequence
from typing import Any

from flask import Response, abort, jsonify
from sqlalchemy.exc import IntegrityError

from microflack_common import audit, limits
from microflack_common.auth import current_user_id, reader_auth, token_auth
from microflack_common.text import is_visible
from microflack_messages import (
    around,
    events,
    listing,
    models,
    permissions,
    store,
)
from microflack_messages.blueprint import ID, find_message, find_undeleted, messages
from microflack_messages.files import attachments
from microflack_messages.models import EVERYONE
from microflack_messages.schemas import (
    MessageIn,
    MessageList,
    MessageListQuery,
    MessageOut,
    Place,
    PostHeaders,
    PostIn,
)

STORED_BEFORE = {
    "description": "Stored before",
    "content": {
        "application/json": {"schema": {"$ref": "#/components/schemas/MessageOut"}}
    },
}
POST_ANSWERS = {200: STORED_BEFORE, 403: "Not in the room", 429: "Too many posts"}


@messages.post("")
@messages.auth_required(token_auth)
@messages.input(PostIn)
@messages.input(PostHeaders, location="headers")
@messages.output(MessageOut, status_code=201, headers=Place)
@messages.doc(responses=POST_ANSWERS)
def post(json_data: dict[str, Any], headers_data: dict[str, str]) -> Response:
    """Post a message. For every user who is in the room.

    A repeated `Idempotency-Key` of the same user answers with the message that is
    stored already, and 200. Everybody may post 100 at once and 10 in a second; more is
    429.
    """
    user_id, room_id = current_user_id() or 0, json_data.get("room_id") or EVERYONE
    limits.count("posts", user_id)
    permissions.require_writing(room_id, user_id, "room_id")
    reply_to = json_data.get("reply_to")
    if reply_to and not store.is_in_room(reply_to, room_id):
        abort(400, "reply_to: There is no such message in the room.")
    key = headers_data.get("idempotency_key")
    said, file_ids = json_data.get("source") or "", json_data.get("files") or ()
    message, new = _post(user_id, room_id, said, key, reply_to, file_ids)
    response = jsonify(message | {"idempotency_key": key} if key else message)
    response.status_code = 201 if new else 200
    response.headers["Location"] = message["_links"]["self"]
    return response


@messages.get("")
@messages.auth_required(reader_auth)
@messages.input(MessageListQuery, location="query")
@messages.output(MessageList)
@messages.doc(responses={304: "The list that the client has", 404: "No such room"})
def index(query_data: dict[str, Any]) -> Response:
    """List messages of a room. For everybody who may read it.

    Without a query, the newest of the last day, ordered by updated_at and id; with
    `room` only, those of any age. With `updated_since`, all that changed since. With
    `before_id`, those just before that message, of any age. A list that was cut has
    `_links.next`, the URL that continues it. With `around`, that message and those just
    before and after it, by id; `_links.prev` and `_links.next` lead on from there. With
    `around_time` it is the first message since then; if there is none, those before.

    Every list has in `change` the room's last number. `after` answers what changed
    after a number, in the order of the numbers. An answer with a lower number than the
    one that was asked for means that this one was never given: begin anew.

    Whoever has a list sends its `ETag` in `If-None-Match`, and is answered 304 if it is
    still the same.
    """
    room_id = query_data.get("room", EVERYONE)
    permissions.require_reading(room_id, current_user_id())
    is_around = not query_data.keys().isdisjoint({"around", "around_time"})
    way = around if is_around else listing
    return way.respond(query_data)


@messages.get(ID)
@messages.auth_required(reader_auth)
@messages.output(MessageOut)
def show(message_id: int) -> Response:
    """Return one message, or the trace of it. For everybody who may read its room."""
    return jsonify(models.to_dict(find_message(message_id)))


@messages.put(ID)
@messages.auth_required(token_auth)
@messages.input(MessageIn)
@messages.output({}, status_code=204)
@messages.doc(responses={403: "Not yours"})
def change(message_id: int, json_data: dict[str, str]) -> tuple[str, int]:
    """Change the text of a message. For its author."""
    message = find_undeleted(message_id)
    if not permissions.may_change(message, current_user_id()):
        abort(403, "You can change your own messages only.")
    permissions.require_writing(message.room_id, message.user_id)
    if not message.files and not is_visible(json_data["source"]):
        abort(400, "source: Must not be empty.")
    if not events.edit(message, json_data["source"]):
        abort(404, f"There is no message {message_id}.")
    return "", 204


@messages.delete(ID)
@messages.auth_required(token_auth)
@messages.output({}, status_code=204)
@messages.doc(responses={403: "Not yours"})
def delete(message_id: int) -> tuple[str, int]:
    """Delete a message, of which a trace stays. For its author and administrators."""
    message, user_id = find_message(message_id), current_user_id()
    if not permissions.may_delete(message, user_id):
        abort(403, "You can delete your own messages only.")
    if not message.deleted:
        events.delete(message)
        if user_id != message.user_id:
            audit.record("message_deletion", "ok", message.user_id, by=user_id)
    return "", 204


def _post(
    user_id: int,
    room_id: int,
    source: str,
    key: str | None,
    reply_to: int | None,
    file_ids: Sequence[int],
) -> tuple[dict[str, Any], bool]:
    try:
        return events.post(user_id, room_id, source, key, reply_to, file_ids), True
    except (IntegrityError, attachments.NotThere) as error:
        stored = store.find_by_idempotency_key(user_id, key) if key else None
        if stored is None and isinstance(error, attachments.NotThere):
            abort(400, f"files: {error}")
        if stored is None:
            raise
        if not permissions.may_read(stored, user_id):
            abort(400, "Idempotency-Key: It was used before.")
        return models.to_dict(stored), False
