"""The endpoints of files: /api/rooms/:id/files."""

from apiflask import APIBlueprint
from flask import Response, abort, jsonify

from microflack_common import limits
from microflack_common.auth import current_user_id, token_auth
from microflack_messages import permissions
from microflack_messages.files import attachments, content, transfers
from microflack_messages.files.receive import receive
from microflack_messages.files.schemas import UploadedFile
from microflack_messages.schemas import Place

files = APIBlueprint("files", __name__, url_prefix="/api/rooms", tag="files")

ROOM = "/<int:room_id>/files"
FILE = f"{ROOM}/<key>"
UPLOAD_ANSWERS = {400: "No file", 403: "Not in the room", 404: "No such room"}
ANSWERS = {
    200: "The file",
    206: "The range of it that was asked for",
    304: "The file that the client has",
    404: "No such file",
    416: "It has no such range",
}


@files.post(ROOM)
@files.auth_required(token_auth)
@files.output(UploadedFile, status_code=201, headers=Place)
@files.doc(responses=UPLOAD_ANSWERS)
def upload(room_id: int) -> Response:
    """Keep a file, to be sent with a message. For every user who is in the room.

    The body is multipart/form-data with one part `file`, of at most 26214400 bytes.
    Its type is told by its content. What pictures say about where, when and with what
    they were made is taken out. Until it is sent, in `files` of a message, only its
    uploader may read it; who does not send it within a day has to upload it again.
    """
    user_id = current_user_id() or 0
    permissions.require_writing(room_id, user_id)
    limits.count("uploads", user_id)
    end = transfers.begin(user_id)
    try:
        model = receive(room_id, user_id)
    finally:
        end()
    response = jsonify(model)
    response.status_code = 201
    response.headers["Location"] = model["url"]
    return response


@files.get(FILE)
@files.auth_required(token_auth)
@files.doc(responses=ANSWERS)
def download(room_id: int, key: str) -> Response:
    """Return a file, or a range of it. For who may read the room, with a token.

    A picture is to be shown, everything else to be saved.
    """
    file, user_id = _file(room_id, key)
    return content.respond(file, user_id)


@files.get(f"{FILE}/thumbnail")
@files.auth_required(token_auth)
@files.doc(responses=ANSWERS)
def thumbnail(room_id: int, key: str) -> Response:
    """Return a small WebP of a picture. For who may read the room, with a token."""
    file, user_id = _file(room_id, key)
    if file.thumbnail_size is None:
        abort(404, "There is no such file.")
    return content.respond(file, user_id, is_thumbnail=True)


def _file(room_id: int, key: str) -> tuple[attachments.Found, int]:
    """Return a file that the user of this request may read, and the user's id."""
    user_id = current_user_id() or 0
    # The room comes first: who has left it does not even learn, by the time that the
    # answer takes, whether a file is still there.
    may_read = permissions.may_read_room(room_id, user_id)
    file = attachments.find(key) if may_read else None
    if (
        file is None
        or file.room_id != room_id
        or (file.message_id is None and file.user_id != user_id)
    ):
        abort(404, "There is no such file.")
    return file, user_id
