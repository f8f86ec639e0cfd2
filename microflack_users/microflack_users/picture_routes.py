"""The endpoints of people's pictures: /api/users/:id/picture."""

from typing import Any

from flask import Response, abort, g, request

from microflack_common import audit, limits
from microflack_common.auth import current_user_id
from microflack_users import events, pictures
from microflack_users.access import (
    administrators_only,
    reader_or_operator,
    user_or_operator,
)
from microflack_users.blueprint import ID, users
from microflack_users.models import db
from microflack_users.routes import LARGEST_ID, find
from microflack_users.schemas import PictureQuery

PATH = f"{ID}/picture"
WEEK_SECONDS = 7 * 24 * 3600
NOT_YOURS = {403: "Not yours, and not an administrator"}
ANSWERS = {
    200: "The picture",
    304: "The picture that the client has",
    404: "No picture",
}


@users.put(PATH)
@users.auth_required(user_or_operator)
@users.output({}, status_code=204)
@users.doc(responses={400: "No picture", 413: "Too large", 415: "No form", **NOT_YOURS})
def set_picture(user_id: int) -> tuple[str, int]:
    """Give an account a picture. For its owner, and for administrators.

    The body is multipart/form-data with one part `picture`, of at most 1048576 bytes:
    a PNG, JPEG, GIF, WebP or AVIF. The middle of it is kept, as a square of 128 pixels,
    without what it tells about where, when and with what it was made.
    """
    _permit(user_id)
    limits.count(pictures.WHAT, current_user_id() or "operator")
    # Others can use the connection meanwhile.
    db.session.rollback()
    pictures.keep(user_id, pictures.receive())
    _tell(user_id, "picture")
    return "", 204


@users.delete(PATH)
@users.auth_required(user_or_operator)
@users.output({}, status_code=204)
@users.doc(responses=NOT_YOURS)
def remove_picture(user_id: int) -> tuple[str, int]:
    """Remove the picture of an account. For its owner, and for administrators."""
    _permit(user_id)
    pictures.remove(user_id)
    _tell(user_id, "picture_removal")
    return "", 204


@users.get(PATH)
@users.auth_required(reader_or_operator)
@users.input(PictureQuery, location="query")
@users.doc(responses=ANSWERS)
def show_picture(user_id: int, query_data: dict[str, Any]) -> Response:
    """Return the picture of somebody. For everybody who may read.

    A user's `picture_url` names the version of the picture: that never changes, and
    clients need not ask for it again.
    """
    found = pictures.find(user_id) if user_id <= LARGEST_ID else None
    if found is None:
        abort(404, "There is no such picture.")
    name, content = found
    is_lasting = query_data.get("version") == name
    response = Response(content, mimetype=pictures.MEDIA_TYPE)
    response.headers.update(
        {
            "Cache-Control": f"private, max-age={WEEK_SECONDS}, immutable"
            if is_lasting
            else "private, no-cache",
            "Vary": "Authorization",
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": "default-src 'none'; sandbox",
            "Cross-Origin-Resource-Policy": "same-origin",
        }
    )
    response.set_etag(name)
    return response.make_conditional(request)


def _permit(user_id: int) -> None:
    """End the request unless the own account is meant, or an administrator asks."""
    user = find(user_id)
    if g.get("is_operator") or not user.may_be_changed_by(current_user_id()):
        administrators_only()


def _tell(user_id: int, what: str) -> None:
    audit.record(what, "ok", user_id, by=current_user_id() or "operator")
    events.changed(user_id)
