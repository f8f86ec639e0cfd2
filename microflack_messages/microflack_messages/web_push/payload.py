"""What a browser is told of a message: where it is, and more only if that is wanted."""

import json

from microflack_messages.people import people
from microflack_messages.room_models import DIRECT
from microflack_messages.web_push.calls import Call

# As much of it as a notification shows.
MAX_TEXT_LENGTH = 140
MAX_NAME_LENGTH = 80


def payload_of(call: Call, user_id: int, with_text: bool) -> bytes:
    """Return, as JSON, what one of those is told whom a message calls.

    :param with_text: also who says what, and in which room.
    """
    message = call.message
    told = {
        "room_id": message.room_id,
        "message_id": message.id,
        "kind": call.kinds[user_id],
    }
    if with_text:
        people().refresh()
        told["author"] = people().nickname(message.user_id)
        told["text"] = message.source[:MAX_TEXT_LENGTH]
        if message.kind != DIRECT:
            told["room"] = message.name[:MAX_NAME_LENGTH]
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()
