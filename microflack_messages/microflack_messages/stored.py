"""What is stored, in numbers: /api/messages/stored."""

import threading
import time
from typing import Any

from flask import Flask, Response, abort, current_app, jsonify
from sqlalchemy import bindparam, func, or_, select

from microflack_common import database, rights
from microflack_common.auth import current_user_id, token_auth
from microflack_messages.blueprint import messages
from microflack_messages.files.models import File
from microflack_messages.models import Message, now
from microflack_messages.room_models import DELETED, REMOVED, Room
from microflack_messages.schemas import Stored

# To count a million messages takes a good part of a second: that is enough in a minute.
MAX_AGE_SECONDS = 60.0

_MESSAGES = select(func.count()).select_from(Message)
_ROOMS = select(func.count()).where(Room.kind.not_in([DELETED, REMOVED]))
_FILES = select(func.count(), func.coalesce(func.sum(File.size), 0)).where(
    File.stored_at.is_not(None),
    or_(File.expires_at.is_(None), File.expires_at > bindparam("at")),
)


class StoredNumbers:
    """Numbers of the last minute. Threads share them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counted_at = float("-inf")
        self._numbers: dict[str, int] = {}

    def get(self) -> dict[str, int]:
        """Return them; whoever asks while they are counted waits for that."""
        with self._lock:
            if time.monotonic() - self._counted_at > MAX_AGE_SECONDS:
                self._numbers = _count()
                self._counted_at = time.monotonic()
            return self._numbers


def init_app(app: Flask) -> None:
    """Give ``app`` a memory for the numbers."""
    app.extensions["microflack_stored"] = StoredNumbers()


@messages.get("/stored")
@messages.auth_required(token_auth)
@messages.output(Stored)
@messages.doc(responses={403: "Not an administrator"})
def stored() -> Response:
    """Say how much is stored, as it was within the last minute. For administrators.

    The traces of deleted messages are counted, too.
    """
    if not rights.is_admin(current_user_id() or 0):
        abort(403, "Only an administrator can do this.")
    numbers: StoredNumbers = current_app.extensions["microflack_stored"]
    response = jsonify(numbers.get())
    response.headers["Cache-Control"] = "no-store"
    return response


def _count() -> dict[str, Any]:
    with database.autocommit(current_app).connect() as connection:
        files, size = connection.execute(_FILES, {"at": now()}).one()
        return {
            "messages": connection.scalar(_MESSAGES),
            "rooms": connection.scalar(_ROOMS),
            "files": files,
            "file_bytes": int(size),
        }
