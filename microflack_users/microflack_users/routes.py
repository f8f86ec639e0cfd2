"""The /api/users endpoints."""

from typing import Any

from apiflask import APIBlueprint
from flask import Response, abort, jsonify, request, url_for
from sqlalchemy.exc import IntegrityError

from microflack_common.auth import (
    basic_auth,
    current_user_id,
    refuse,
    token_auth,
    token_optional_auth,
)
from microflack_common.errors import error_response
from microflack_users import events, listing, models, presence
from microflack_users.models import User, db
from microflack_users.schemas import UserIn, UserList, UserListQuery, UserOut, UserPatch

users = APIBlueprint("users", __name__, url_prefix="/api/users", tag="users")
credentials = basic_auth()
credentials.verify_password(models.authenticate)

ID = "/<int:user_id>"
LARGEST_ID = 2**31 - 1


@users.after_request
def notice_sign_of_life(response: Response) -> Response:
    """Take any request with a valid token as a sign of life."""
    user_id = current_user_id()
    if user_id and request.endpoint != "users.leave":
        presence.activity_tracker().record_activity(user_id)
    return response


@users.post("")
@users.input(UserIn)
@users.output(UserOut, status_code=201)
def register(json_data: dict[str, str]) -> Response:
    """Register a new user. For everybody."""
    user = User(json_data["nickname"], json_data["password"])
    db.session.add(user)
    _commit_nickname()
    events.changed(user.id)
    response = jsonify(models.to_dict(user))
    response.status_code = 201
    response.headers["Location"] = url_for("users.show", user_id=user.id)
    return response


@users.get("")
@users.auth_required(token_optional_auth)
@users.input(UserListQuery, location="query")
@users.output(UserList)
@users.doc(responses={304: "The list that the client has"})
def index(query_data: dict[str, Any]) -> Response:
    """List users, ordered by updated_at and nickname. For everybody.

    A list that was cut has `_links.next`, the URL that continues it. A list has an
    `ETag`; whoever sends it in `If-None-Match` is answered 304 while the list is the
    same.
    """
    return listing.respond(query_data)


@users.get(ID)
@users.auth_required(token_optional_auth)
@users.output(UserOut)
def show(user_id: int) -> Response:
    """Return one user. For everybody."""
    return jsonify(models.to_dict(_user(user_id)))


@users.put(ID)
@users.auth_required(token_auth)
@users.input(UserPatch)
@users.output({}, status_code=204)
def change(user_id: int, json_data: dict[str, str]) -> tuple[str, int]:
    """Change the nickname, the password or both. For the user's own account."""
    user = _user(user_id)
    if not user.may_be_changed_by(current_user_id()):
        abort(403, "You can change your own account only.")
    if "nickname" in json_data:
        user.rename(json_data["nickname"])
    if "password" in json_data:
        user.set_password(json_data["password"])
    _commit_nickname()
    events.changed(user.id)
    return "", 204


@users.get("/me")
@users.auth_required(credentials)
@users.output(UserOut)
def check_password() -> Response:
    """Check a nickname and a password and return the user. A sign of life."""
    user = credentials.current_user
    _tell(*presence.set_online(user.id))
    return jsonify(models.to_dict(user))


@users.put("/me")
@users.auth_required(token_auth)
@users.output({}, status_code=204)
def arrive() -> tuple[str, int]:
    """Set the token's user online."""
    _tell(*presence.set_online(_own_id()))
    return "", 204


@users.delete("/me")
@users.auth_required(token_auth)
@users.output({}, status_code=204)
def leave() -> tuple[str, int]:
    """Set the token's user offline."""
    presence.activity_tracker().forget(_own_id())
    _tell(*presence.set_offline(_own_id()))
    return "", 204


def _own_id() -> int:
    return current_user_id() or 0


def _tell(user: User | None, has_changed: bool) -> None:
    if user is None:
        refuse("The token's user does not exist any more.")
    if has_changed:
        events.changed(user.id)


def _user(user_id: int) -> User:
    user = db.session.get(User, user_id) if user_id <= LARGEST_ID else None
    if user is None:
        abort(404, f"There is no user {user_id}.")
    return user


def _commit_nickname() -> None:
    try:
        db.session.commit()
    except IntegrityError:
        db.session.rollback()
        taken = "This nickname is taken: choose another."
        abort(error_response(400, f"nickname: {taken}", fields={"nickname": taken}))
