"""The /api/messages endpoints."""

from typing import Any

from apiflask import APIBlueprint
from flask import Response, abort, jsonify, url_for
from sqlalchemy.exc import IntegrityError

from microflack_common.auth import current_user_id, token_auth, token_optional_auth
from microflack_messages import events, listing, models, store
from microflack_messages.models import Message, db
from microflack_messages.schemas import (
    MessageIn,
    MessageList,
    MessageListQuery,
    MessageOut,
    PostHeaders,
)

messages = APIBlueprint(
    "messages", __name__, url_prefix="/api/messages", tag="messages"
)

ID = "/<int:message_id>"
TEXT_REFUSED = {413: "Request too large", 415: "Not JSON"}


@messages.post("")
@messages.auth_required(token_auth)
@messages.input(MessageIn)
@messages.input(PostHeaders, location="headers")
@messages.output(MessageOut, status_code=201)
@messages.doc(responses=TEXT_REFUSED | {200: "Stored before"})
def post(json_data: dict[str, str], headers_data: dict[str, str]) -> Response:
    """Post a message. For every user.

    A repeated `Idempotency-Key` of the same user answers with the message that is
    stored already, and 200.
    """
    message, new = _post(json_data["source"], headers_data.get("idempotency_key"))
    response = jsonify(message)
    response.status_code = 201 if new else 200
    response.headers["Location"] = message["_links"]["self"]
    return response


@messages.get("")
@messages.auth_required(token_optional_auth)
@messages.input(MessageListQuery, location="query")
@messages.output(MessageList)
def index(query_data: dict[str, Any]) -> Response:
    """List messages. For everybody.

    Without a query, the newest of the last day, ordered by updated_at and id. With
    `updated_since`, all that changed since. With `before_id`, those just before that
    message, of any age. A list that was cut has `_links.next`, the URL that continues
    it.

    Every list says in `change` up to which number it is complete. `after` answers what
    changed after a number, in order and with the numbers. An answer with a lower number
    than the one that was asked for means that this one was never given: begin anew.
    """
    body = listing.to_json(query_data, url_for("messages.index"))
    return Response(body, mimetype="application/json")


@messages.get(ID)
@messages.auth_required(token_optional_auth)
@messages.output(MessageOut)
def show(message_id: int) -> Response:
    """Return one message. For everybody."""
    return jsonify(models.to_dict(_message(message_id)))


@messages.put(ID)
@messages.auth_required(token_auth)
@messages.input(MessageIn)
@messages.output({}, status_code=204)
@messages.doc(responses=TEXT_REFUSED | {403: "Not yours"})
def change(message_id: int, json_data: dict[str, str]) -> tuple[str, int]:
    """Change the text of a message. For its author."""
    message = _message(message_id)
    if not message.may_be_changed_by(current_user_id()):
        abort(403, "You can change your own messages only.")
    events.edit(message, json_data["source"])
    return "", 204


def _post(source: str, key: str | None) -> tuple[dict[str, Any], bool]:
    user_id = current_user_id() or 0
    try:
        return events.post(user_id, source, key), True
    except IntegrityError:
        stored = store.find_by_idempotency_key(user_id, key) if key else None
        if stored is None:
            raise
        return models.to_dict(stored), False


def _message(message_id: int) -> Message:
    known = message_id <= models.MAX_ID
    message = db.session.get(Message, message_id) if known else None
    if message is None:
        abort(404, f"There is no message {message_id}.")
    return message
