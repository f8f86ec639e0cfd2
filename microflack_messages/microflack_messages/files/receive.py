"""Take a file that somebody sends: check it, clean it, keep it."""

import secrets
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from typing import IO, Any

from flask import abort, current_app
from sqlalchemy import insert, update

from microflack_common import database, multipart
from microflack_common.picture_runner import TooManyPixels
from microflack_messages.files import kinds, models, names, pictures, quota, stores
from microflack_messages.files.kinds import HEAD_BYTES, HEIC, PICTURES, UNKNOWN
from microflack_messages.files.models import File
from microflack_messages.files.stores import THUMBNAIL
from microflack_messages.models import now

MAX_BYTES = 26_214_400
# With what a client says about it, and other parts that nobody asked for.
MAX_BODY_BYTES = MAX_BYTES + 64 * 1024
PART = "file"
# Until an upload is there; whatever is left of it then is removed.
UPLOAD_SECONDS = 60 * 60
# Until a file has to be sent with a message.
UNSENT_SECONDS = 24 * 60 * 60
KEY_BYTES = 20

_FILE = File.__table__


def receive(room_id: int, user_id: int) -> dict[str, Any]:
    """Keep the file of this request; return it as the API shows it.

    Ends the request with 400 or 413 for what is no file, or too large, alone or with
    all others of this user.
    """
    with ExitStack() as opened:

        def new_file(**_about: Any) -> IO[bytes]:
            return opened.enter_context(tempfile.TemporaryFile())

        part = multipart.read_part(PART, MAX_BYTES, new_file)
        source, thumbnail = part.stream, None
        quota.check(user_id, multipart.size_of(source))
        kind = kinds.kind_of(source.read(HEAD_BYTES))
        values = {"room_id": room_id, "user_id": user_id, "type": kind}
        values["name"] = names.clean(part.filename or "")
        if kind in PICTURES or kind == HEIC:
            source, thumbnail = _look_into(source, values, new_file)
        values["size"] = multipart.size_of(source)
        return _keep(values, source, thumbnail)


def _look_into(
    source: IO[bytes], values: dict[str, Any], new_file: Callable[[], IO[bytes]]
) -> tuple[IO[bytes], IO[bytes] | None]:
    """Return a cleaned picture and its thumbnail; what is no picture stays as it is."""
    try:
        picture = pictures.process(source, values["type"], new_file)
    except TooManyPixels as error:
        abort(400, f"{PART}: {error}")
    if picture.width is not None:
        values |= {"width": picture.width, "height": picture.height}
    elif values["type"] in PICTURES:
        values["type"] = UNKNOWN
    return picture.cleaned or source, picture.thumbnail


def _keep(
    values: dict[str, Any], source: IO[bytes], thumbnail: IO[bytes] | None
) -> dict[str, Any]:
    store, at = stores.chosen(), now()
    values |= {"key": secrets.token_urlsafe(KEY_BYTES), "store": store.name}
    values |= {"created_at": at, "expires_at": at + UPLOAD_SECONDS}
    key = values["key"]
    engine = database.autocommit(current_app)
    # It is known from the beginning, so that nothing is left behind for ever.
    with engine.connect() as connection:
        result = connection.execute(insert(_FILE), values)
        values["id"] = result.inserted_primary_key[0]  # type: ignore[index]
    store.save(key, source, values["size"])
    done: dict[str, Any] = {"stored_at": now(), "expires_at": now() + UNSENT_SECONDS}
    done["thumbnail_size"] = None
    if thumbnail:
        done["thumbnail_size"] = multipart.size_of(thumbnail)
        store.save(key + THUMBNAIL, thumbnail, done["thumbnail_size"])
    with engine.connect() as connection:
        connection.execute(update(_FILE).where(File.id == values["id"]).values(done))
    return models.to_dict(File(**values | done))
