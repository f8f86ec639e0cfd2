"""The /api/users endpoints for administrators: invitations, resets, sessions."""

from typing import Any

from flask import Response, abort, g, jsonify, request

from microflack_common import audit
from microflack_common.auth import current_user_id
from microflack_common.errors import ServiceUnavailable
from microflack_users import accounts, events, invitations, passwords, resets, sessions
from microflack_users.access import administrators_only, user_or_operator
from microflack_users.blueprint import ID, users
from microflack_users.models import db
from microflack_users.refusals import bad_field
from microflack_users.routes import find
from microflack_users.schemas import (
    InvitationIn,
    InvitationList,
    NewInvitation,
    ResetIn,
    ResetOut,
)

ADMINISTRATORS = {403: "Not an administrator"}


@users.post("/invitations")
@users.auth_required(user_or_operator)
@users.input(InvitationIn)
@users.output(NewInvitation, status_code=201)
@users.doc(responses=ADMINISTRATORS)
def invite(json_data: dict[str, Any]) -> Response:
    """Make an invitation, by which people register. For administrators."""
    administrators_only()
    invitation = invitations.make(
        current_user_id(),
        json_data["expires_in"],
        json_data["uses"],
        json_data["admin"],
    )
    audit.record("invitation", "ok", current_user_id(), admin=invitation.admin)
    return _made(invitation.to_dict(request.url_root))


@users.get("/invitations")
@users.auth_required(user_or_operator)
@users.output(InvitationList)
@users.doc(responses=ADMINISTRATORS)
def list_invitations() -> Response:
    """List the invitations that can still be used. For administrators."""
    administrators_only()
    found = [one.to_dict(request.url_root) for one in invitations.usable()]
    return _private(jsonify({"invitations": found}))


@users.delete("/invitations/<code>")
@users.auth_required(user_or_operator)
@users.output({}, status_code=204)
@users.doc(responses=ADMINISTRATORS)
def withdraw(code: str) -> tuple[str, int]:
    """Let an invitation be used no more. For administrators."""
    administrators_only()
    if not invitations.withdraw(code):
        abort(404, invitations.UNKNOWN)
    audit.record("withdrawal", "ok", current_user_id())
    return "", 204


@users.post(f"{ID}/reset")
@users.auth_required(user_or_operator)
@users.output(ResetOut, status_code=201)
@users.doc(responses=ADMINISTRATORS)
def make_reset(user_id: int) -> Response:
    """Make a code by which a user sets another password, once. For administrators."""
    administrators_only()
    user = find(user_id)
    if user.deleted_at is not None:
        abort(404, f"There is no user {user_id}.")
    audit.record("reset_code", "ok", user.id, by=current_user_id() or "operator")
    return _made(resets.make(user, request.url_root))


@users.post("/reset")
@users.input(ResetIn)
@users.output({}, status_code=204)
def reset(json_data: dict[str, str]) -> tuple[str, int]:
    """Set another password, and end all sessions. For whoever has a code for it."""
    user = resets.user_of(json_data["code"])
    if user is None:
        audit.record("reset", "refused")
        bad_field("code", resets.NOT_GOOD)
    if problem := passwords.problem(json_data["password"], user.nickname):
        bad_field("password", problem)
    if not resets.use(json_data["code"]):
        bad_field("code", resets.NOT_GOOD)
    accounts.set_password(user, json_data["password"])
    user = accounts.commit_password(user)
    audit.record("reset", "ok", user.id)
    sessions.end(user.id)
    events.changed(user.id)
    return "", 204


@users.delete(f"{ID}/sessions")
@users.auth_required(user_or_operator)
@users.output({}, status_code=204)
@users.doc(responses=ADMINISTRATORS)
def sign_out(user_id: int) -> tuple[str, int]:
    """End all sessions of a user. For the user, and for administrators."""
    user = find(user_id)
    if g.get("is_operator") or user.id != current_user_id():
        administrators_only()
    sessions.note(user.id)
    db.session.commit()
    audit.record("sign_out", "ok", user.id, by=current_user_id() or "operator")
    if not sessions.end(user.id):
        raise ServiceUnavailable("Not all tokens end now: those that stay, in an hour.")
    return "", 204


def _made(shown: dict[str, Any]) -> Response:
    response = _private(jsonify(shown))
    response.status_code = 201
    return response


def _private(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    return response
