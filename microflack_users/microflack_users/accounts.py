"""What happens to accounts: each in one transaction, with all that belongs to it."""

import time
from collections.abc import Mapping
from urllib.parse import quote

from flask import Flask, abort
from marshmallow import ValidationError
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from microflack_common import audit, limits, transactions
from microflack_common.auth import current_claims
from microflack_common.errors import error_response
from microflack_common.limits import RateLimit
from microflack_common.logs import current_address
from microflack_users import (
    blocks,
    invitations,
    name_claims,
    nicknames,
    passwords,
    pictures,
    resets,
    roles,
    sessions,
)
from microflack_users.models import User, db, now
from microflack_users.refusals import bad_field

TAKEN = "This nickname is taken, or looks like one that is: choose another."
# What is counted of who gives a wrong one, and how many there may be in a minute.
WRONG_PASSWORDS, WRONG_PASSWORDS_A_MINUTE = "wrong passwords", 10
# Who has just signed in need not give the password once more.
FRESH_SECONDS = 300
WRONG = "current_password: This is not your password."
NEEDED = "current_password: Give your password once more, or sign in again."


def register(nickname: str, password: str, invitation: str | None) -> User:
    """Make an account; with an invitation, use that."""
    user = User(nickname, password)
    if invitation is not None:
        invite = invitations.find(invitation)
        if invite and invite.admin:
            roles.one_at_a_time()
        if not invitations.use(invitation) or not invite:
            bad_field("invitation", invitation_problem(invitation) or "Try again.")
        user.admin = invite.admin
    db.session.add(user)
    _claim_nickname(user)
    if user.admin:
        roles.publish(user)
    return commit_password(user)


def invitation_problem(code: str | None) -> str | None:
    """Say why nobody can register with this code, if so; None is no code."""
    if code is None:
        return invitations.MISSING
    invitation = invitations.find(code)
    return invitation.reason() if invitation else invitations.UNKNOWN


def rename(user: User, nickname: str) -> None:
    """Give an account another nickname, in this transaction."""
    if nickname == user.nickname:
        return
    try:
        nicknames.check(nickname)
    except ValidationError as error:
        bad_field("nickname", str(error.messages[0]))
    user.rename(nickname)
    _claim_nickname(user)


def set_password(user: User, password: str, spared: str | None = None) -> None:
    """Give an account another password and end its sessions, in this transaction.

    :param spared: the session that goes on.
    """
    user.set_password(password)
    resets.forget(user.id)
    sessions.note(user.id, spared)


def commit_password(user: User) -> User:
    """Commit a password that was given just now, with all else; return its user.

    Whoever sends the same again is refused: the nickname is taken, the old password is
    wrong. So it is found out whether it was stored, if the connection is lost then.
    """
    user_id, mine = user.id, user.password_hash
    # Nobody else can have made this hash: it has a salt.
    query = select(User.id).where(User.id == user_id, User.password_hash == mine)
    transactions.commit(db.session, lambda: bool(db.session.scalar(query)))
    return db.session.get_one(User, user_id)


def limits_of(app: Flask) -> dict[str, RateLimit]:
    """Return what is counted of an application's people."""
    most = WRONG_PASSWORDS_A_MINUTE
    redis = app.config["REDIS"]
    wrong = RateLimit("wrong-passwords", most / 60, most, redis)
    looks = RateLimit("pictures", pictures.PER_SECOND, pictures.AT_ONCE, redis)
    return {WRONG_PASSWORDS: wrong, pictures.WHAT: looks}


def check_owner(user: User, current_password: str | None) -> None:
    """End the request with 403 unless it comes from who knows the password.

    A sign-in of a moment ago shows that as well, unless a wrong password is given. With
    429 after as many wrong ones as sign-ins may fail.
    """
    if current_password is None:
        claims = current_claims()
        if not claims or claims.signed_in_at < time.time() - FRESH_SECONDS:
            _refuse(user, NEEDED)
        return
    # The load balancer counts the wrong ones with the sign-ins that failed, but cannot
    # know whose password will come: tries of one address are refused here.
    tries = f"{user.id} {current_address()}"
    limits.check(WRONG_PASSWORDS, tries)
    if not passwords.matches(user.password_hash, current_password):
        limits.count(WRONG_PASSWORDS, tries)
        failed = {"X-Failed-Sign-In": f"nickname={quote(user.nickname)}"}
        _refuse(user, WRONG, failed)


def delete(user: User) -> None:
    """Delete an account: what is left of it only says that there was one.

    The nickname is free for others after a while.
    """
    roles.one_at_a_time()
    db.session.refresh(user)
    if user.admin:
        roles.keep_an_admin(user, "admin")
    user.nickname = f"{nicknames.RESERVED_BEGINNING} {user.id}"
    # No nickname has a colon, in no release: nobody can have or get this one.
    user.nickname_key = f":deleted:{user.id}"
    user.password_hash = ""
    user.online = user.admin = False
    user.deactivated = True
    user.updated_at = user.deleted_at = now()
    pictures.forget(user)
    blocks.forget(user.id)
    name_claims.release(user.id)
    resets.forget(user.id)
    sessions.note(user.id)
    roles.publish(user)
    db.session.commit()


def _claim_nickname(user: User) -> None:
    try:
        db.session.flush()
        name_claims.claim(user.id, user.nickname)
    except (IntegrityError, name_claims.NameTaken):
        bad_field("nickname", TAKEN)


def _refuse(
    user: User, sentence: str, headers: Mapping[str, str] | None = None
) -> None:
    audit.record("password_check", "refused", user.id)
    abort(error_response(403, sentence, headers))
