"""How much all files of one user may take."""

from flask import abort, current_app
from sqlalchemy import bindparam, func, or_, select

from microflack_common import database
from microflack_common.errors import error_response
from microflack_messages.files.models import File
from microflack_messages.models import now

# What was deleted counts no more, also before it is removed. What is just sent does.
_TAKEN = select(func.coalesce(func.sum(File.size), 0)).where(
    File.user_id == bindparam("user_id"),
    or_(File.expires_at.is_(None), File.expires_at > bindparam("at")),
)
FULL = (
    "file: All your files together may have {most} bytes. Delete messages with files, "
    "then there is room for more."
)


def check(user_id: int, size: int) -> None:
    """End the request with 413 unless a user has room for a file of this size.

    Two that are sent at the same moment may both find the room that is left.
    """
    most = current_app.config["MAX_FILES_BYTES_PER_USER"]
    with database.autocommit(current_app).connect() as connection:
        taken = connection.scalar(_TAKEN, {"user_id": user_id, "at": now()})
    if int(taken or 0) + size > most:
        abort(error_response(413, FULL.format(most=most)))
