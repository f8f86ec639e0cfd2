"""The /api/users/me endpoints, for the own account."""

from flask import Response, g, jsonify, request

from microflack_common import audit
from microflack_common.auth import (
    basic_auth,
    current_user_id,
    refuse,
    service_or_token_auth,
    token_auth,
)
from microflack_users import blocks, events, invitations, models, pictures, presence
from microflack_users.blueprint import users
from microflack_users.models import User
from microflack_users.routes import find
from microflack_users.schemas import Export, UserOut

credentials = basic_auth()

DEACTIVATED = "This account has been deactivated. Ask an administrator."


@credentials.verify_password
def verify_password(nickname: str, password: str) -> User | None:
    """Return the user with this nickname and password, or None."""
    user = models.authenticate(nickname, password)
    if user is None:
        # Not what was given as a nickname: it may be a password.
        audit.record("sign_in", "refused", models.id_of(nickname))
    elif user.deactivated:
        audit.record("sign_in", "deactivated", user.id)
        g.auth_problem = DEACTIVATED
        return None
    return user


@users.get("/me")
@users.auth_required(credentials)
@users.output(UserOut)
def check_password() -> Response:
    """Check a nickname and a password and return the user. A sign of life."""
    user = credentials.current_user
    _tell(*presence.set_online(user.id))
    return jsonify(models.to_dict(user))


@users.put("/me")
@users.auth_required(service_or_token_auth)
@users.output({}, status_code=204)
def arrive() -> tuple[str, int]:
    """Set the token's user online. Also for a service in a user's place."""
    _tell(*presence.set_online(_own_id()))
    return "", 204


@users.delete("/me")
@users.auth_required(service_or_token_auth)
@users.output({}, status_code=204)
def leave() -> tuple[str, int]:
    """Set the token's user offline. Also for a service in a user's place."""
    presence.activity_tracker().forget(_own_id())
    _tell(*presence.set_offline(_own_id()))
    return "", 204


@users.get("/me/export")
@users.auth_required(token_auth)
@users.output(Export)
def export() -> Response:
    """Return all that this service knows of the own account, as a file."""
    user = find(_own_id())
    made = invitations.made_by(user.id)
    told = [one.to_dict(request.url_root) for one in made]
    shown = {"user": models.to_dict(user), "picture": pictures.as_url(user.id)}
    shown |= {"invitations": told, "blocked": blocks.listed(user.id)}
    response = jsonify(shown)
    response.headers["Content-Disposition"] = "attachment; filename=account.json"
    response.headers["Cache-Control"] = "no-store"
    return response


def _own_id() -> int:
    return current_user_id() or 0


def _tell(user: User | None, has_changed: bool) -> None:
    if user is None:
        refuse("The token's user does not exist any more.")
    if has_changed:
        events.changed(user.id)
