"""The blueprint of /api/messages, and what its endpoints have in common."""

from typing import Any, NoReturn

from apiflask import APIBlueprint
from flask import abort
from sqlalchemy import Row

from microflack_common.auth import current_user_id
from microflack_messages import store

messages = APIBlueprint(
    "messages", __name__, url_prefix="/api/messages", tag="messages"
)

ID = "/<int:message_id>"


def find_message(message_id: int) -> Row[Any]:
    """Return a message, or its trace; end the request with 404 if there is none.

    There is none for who may not read it.
    """
    message = store.find(message_id, current_user_id())
    if message is None:
        _not_there(message_id)
    return message


def find_undeleted(message_id: int) -> Row[Any]:
    """Return a message; end the request with 404 if there is none, or only a trace."""
    message = find_message(message_id)
    if message.deleted:
        _not_there(message_id)
    return message


def _not_there(message_id: int) -> NoReturn:
    abort(404, f"There is no message {message_id}.")
