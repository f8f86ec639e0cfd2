"""The endpoints by which people react to messages."""

import json
from typing import Any

from flask import abort
from sqlalchemy import Row

from microflack_common.auth import current_user_id, token_auth
from microflack_common.errors import ServiceUnavailable
from microflack_messages import events, permissions
from microflack_messages.blueprint import ID, find_undeleted, messages
from microflack_messages.emoji_sequence import fully_qualified
from microflack_messages.reactions import MAX_EMOJI, TooManyEmoji, changed

REACTION = ID + "/reactions/<emoji>"
# Others may have reacted between a look and a try; not as often as this.
TRIES = 10


@messages.put(REACTION)
@messages.auth_required(token_auth)
@messages.output({}, status_code=204)
@messages.doc(responses={400: "No emoji, or one too many", 403: "Not in the room"})
def add_reaction(message_id: int, emoji: str) -> tuple[str, int]:
    """React to a message with one emoji. For every user who is in its room.

    A message has at most 20 different ones.
    """
    return _change(message_id, emoji, present=True)


@messages.delete(REACTION)
@messages.auth_required(token_auth)
@messages.output({}, status_code=204)
@messages.doc(responses={400: "No emoji"})
def remove_reaction(message_id: int, emoji: str) -> tuple[str, int]:
    """Take one's own reaction to a message back. For every user who may read it."""
    return _change(message_id, emoji, present=False)


def _change(message_id: int, text: str, present: bool) -> tuple[str, int]:
    user_id = current_user_id() or 0
    for _ in range(TRIES):
        message = find_undeleted(message_id)
        if present:
            permissions.require_writing(message.room_id, user_id)
        emoji = _emoji(text)
        if not _is_change(message, emoji, user_id, present):
            return "", 204
        if events.react(message, emoji, user_id, present):
            return "", 204
    raise ServiceUnavailable("Too many react to this message. Try again shortly.")


def _emoji(text: str) -> str:
    emoji = fully_qualified(text)
    if emoji is None:
        abort(400, "emoji: Must be one emoji.")
    return emoji


def _is_change(message: Row[Any], emoji: str, user_id: int, present: bool) -> bool:
    before = json.loads(message.reactions) if message.reactions else []
    try:
        return changed(before, emoji, user_id, present) is not None
    except TooManyEmoji:
        abort(400, f"emoji: A message has at most {MAX_EMOJI} different ones.")
