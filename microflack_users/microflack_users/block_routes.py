"""The endpoints of whom one has blocked: /api/users/me/blocked."""

from flask import Response, abort, jsonify

from microflack_common.auth import (
    current_user_id,
    service_or_token_auth,
    token_auth,
)
from microflack_users import blocks
from microflack_users.blueprint import users
from microflack_users.routes import find
from microflack_users.schemas import BlockedList

ONE = "/me/blocked/<int:user_id>"
ANSWERS = {400: "Oneself, or too many", 404: "No such user"}


@users.get("/me/blocked")
@users.auth_required(service_or_token_auth)
@users.output(BlockedList)
def list_blocked() -> Response:
    """List whom one has blocked. For every user, the own list only.

    Also for a service in a user's place, which is no sign of life of theirs.
    """
    response = jsonify({"blocked": blocks.listed(_own_id())})
    response.headers["Cache-Control"] = "no-store"
    return response


@users.put(ONE)
@users.auth_required(token_auth)
@users.output({}, status_code=204)
@users.doc(responses=ANSWERS)
def block(user_id: int) -> tuple[str, int]:
    """Block somebody: clients show nothing of what they write. For every user.

    Nobody is told, and nothing is refused to who is blocked.
    """
    user, own_id = find(user_id), _own_id()
    if user.id == own_id:
        abort(400, "You cannot block yourself.")
    try:
        blocks.add(own_id, user.id)
    except blocks.TooManyBlocked:
        abort(400, f"You have blocked {blocks.MOST} people: that is the most.")
    return "", 204


@users.delete(ONE)
@users.auth_required(token_auth)
@users.output({}, status_code=204)
@users.doc(responses={404: "No such user"})
def unblock(user_id: int) -> tuple[str, int]:
    """Block somebody no more. For every user."""
    blocks.remove(_own_id(), find(user_id).id)
    return "", 204


def _own_id() -> int:
    return current_user_id() or 0
