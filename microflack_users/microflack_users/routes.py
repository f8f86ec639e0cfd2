"""The /api/users endpoints that everybody uses."""

from typing import Any

from flask import Response, abort, jsonify, request, url_for

from microflack_common import audit
from microflack_common.access import is_open
from microflack_common.auth import current_service, current_user_id, token_auth
from microflack_users import (
    accounts,
    events,
    listing,
    models,
    passwords,
    presence,
    roles,
    sessions,
)
from microflack_users.access import (
    administrators_only,
    reader_or_operator,
    user_or_operator,
)
from microflack_users.blueprint import ID, users
from microflack_users.models import User, db
from microflack_users.refusals import bad_field
from microflack_users.schemas import (
    Place,
    Proof,
    UserIn,
    UserList,
    UserListQuery,
    UserOut,
    UserPatch,
)

LARGEST_ID = 2**31 - 1
ROLES = ("admin", "deactivated")


@users.after_request
def notice_sign_of_life(response: Response) -> Response:
    """Take any request with a user's valid token as a sign of life."""
    user_id = None if current_service() else current_user_id()
    if user_id and request.endpoint != "users.leave":
        presence.activity_tracker().record_activity(user_id)
    return response


@users.post("")
@users.input(UserIn)
@users.output(UserOut, status_code=201, headers=Place)
def register(json_data: dict[str, str]) -> Response:
    """Register a new user. For everybody, or for whoever has an invitation."""
    code = json_data.get("invitation")
    is_asked_for = code is not None or not is_open()
    # First of all: a password costs much time.
    if is_asked_for and (problem := accounts.invitation_problem(code)):
        audit.record("registration", "refused", reason=problem)
        bad_field("invitation", problem)
    user = accounts.register(json_data["nickname"], json_data["password"], code)
    audit.record("registration", "ok", user.id, admin=user.admin)
    events.changed(user.id)
    response = jsonify(models.to_dict(user))
    response.status_code = 201
    response.headers["Location"] = url_for("users.show", user_id=user.id)
    return response


@users.get("")
@users.auth_required(reader_or_operator)
@users.input(UserListQuery, location="query")
@users.output(UserList)
@users.doc(responses={304: "The list that the client has"})
def index(query_data: dict[str, Any]) -> Response:
    """List users, ordered by updated_at and nickname. For everybody who may read.

    A list that was cut has `_links.next`, the URL that continues it. A list has an
    `ETag`; whoever sends it in `If-None-Match` is answered 304 while the list is the
    same.
    """
    return listing.respond(query_data)


@users.get(ID)
@users.auth_required(reader_or_operator)
@users.output(UserOut)
def show(user_id: int) -> Response:
    """Return one user. For everybody who may read."""
    return jsonify(models.to_dict(find(user_id)))


@users.put(ID)
@users.auth_required(user_or_operator)
@users.input(UserPatch)
@users.output({}, status_code=204)
@users.doc(responses={403: "Not yours, or not your password"})
def change(user_id: int, json_data: dict[str, Any]) -> tuple[str, int]:
    """Change an account: its owner all but what only administrators change.

    Those are `admin` and `deactivated`. Another password needs `current_password` or a
    sign-in of the last five minutes, and ends the other sessions.
    """
    user = find(user_id)
    _permit(user, json_data)
    _change_account(user, json_data)
    if any(name in json_data for name in ROLES):
        roles.change(user, json_data.get("admin"), json_data.get("deactivated"))
        if user.deactivated:
            sessions.note(user.id)
    if "password" in json_data:
        user = accounts.commit_password(user)
    db.session.commit()
    _record(user, json_data)
    sessions.end(user.id)
    events.changed(user.id)
    return "", 204


@users.delete(ID)
@users.auth_required(token_auth)
@users.input(Proof)
@users.output({}, status_code=204)
@users.doc(responses={403: "Not yours, or not your password"})
def delete(user_id: int, json_data: dict[str, str]) -> tuple[str, int]:
    """Delete the own account. What it wrote stays, in nobody's name."""
    user = find(user_id)
    _owner_only(user)
    accounts.check_owner(user, json_data["current_password"])
    accounts.delete(user)
    audit.record("deletion", "ok", user.id)
    sessions.end(user.id)
    events.changed(user.id)
    return "", 204


def find(user_id: int) -> User:
    """Return a user, or end the request with 404."""
    user = db.session.get(User, user_id) if user_id <= LARGEST_ID else None
    if user is None:
        abort(404, f"There is no user {user_id}.")
    return user


def _permit(user: User, data: dict[str, Any]) -> None:
    if any(name in data for name in ROLES):
        administrators_only()
    if "nickname" in data or "password" in data:
        _owner_only(user)
    if "password" in data:
        accounts.check_owner(user, data.get("current_password"))


def _owner_only(user: User) -> None:
    if not user.may_be_changed_by(current_user_id()):
        abort(403, "You can change your own account only.")


def _change_account(user: User, data: dict[str, Any]) -> None:
    if "nickname" in data:
        accounts.rename(user, data["nickname"])
    if "password" in data:
        nickname = data.get("nickname", user.nickname)
        if problem := passwords.problem(data["password"], nickname):
            bad_field("password", problem)
        accounts.set_password(user, data["password"], sessions.current())


def _record(user: User, data: dict[str, Any]) -> None:
    by = current_user_id() or "operator"
    if "password" in data:
        audit.record("password_change", "ok", user.id, by=by)
    changed = {name: data[name] for name in ROLES if name in data}
    if changed:
        audit.record("role_change", "ok", user.id, by=by, **changed)
