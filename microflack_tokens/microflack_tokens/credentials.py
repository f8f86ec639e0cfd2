"""Who somebody is: by a password, which the users service knows, or a refresh token."""

from typing import Any

from flask import abort, current_app, g, request

from microflack_common import audit
from microflack_common.auth import basic_auth, refuse
from microflack_common.errors import SENTENCES, ServiceUnavailable, error_response
from microflack_common.http import Client
from microflack_common.revocation import Revocations
from microflack_tokens import endings, refresh_tokens, sessions
from microflack_tokens.refresh_tokens import RefreshToken
from microflack_tokens.sessions import Pair, Reused

MAX_LOGGED_CHARACTERS = 64
NOT_GOOD = "The refresh token is not good any more. Sign in again."

passwords = basic_auth()


@passwords.verify_password
def check_with_users(nickname: str, password: str) -> int | None:
    """Return the id of the user with these credentials, or None.

    Passwords are known to the users service alone: it is asked.
    """
    if not nickname:
        return None
    # Before the password is checked: if it is changed meanwhile, the session that it
    # opened ends with all others.
    g.generation = sessions.last_cut()
    services: Client = current_app.extensions["microflack_services"]
    answer = services.get("/api/users/me", auth=(nickname.encode(), password.encode()))
    name = nickname[:MAX_LOGGED_CHARACTERS]
    if answer.status_code == 200:
        user_id = int(answer.json()["id"])
        audit.record("sign_in", "ok", user_id, nickname=name)
        return user_id
    if answer.status_code not in (401, 429):
        raise ServiceUnavailable("The users service cannot check passwords right now.")
    audit.record("sign_in", "refused", nickname=name, status=answer.status_code)
    g.auth_problem = _sentence(answer)
    if answer.status_code == 429:
        again = {"Retry-After": answer.headers.get("Retry-After", "60")}
        abort(error_response(429, g.auth_problem, again))
    return None


def given_refresh_token() -> str | None:
    """Return the refresh token in the body; None if there is none.

    Ends the request with 400 for a body that makes no sense.
    """
    body = request.get_json() if request.get_data() else {}
    if not isinstance(body, dict):
        abort(400, "The body must be a JSON object.")
    token = body.get("refresh_token")
    if token is not None and not isinstance(token, str):
        abort(400, "refresh_token: Not a valid string.")
    return token


def renew(text: str) -> Pair:
    """Return a new pair for a refresh token; end the request with 401 if it is bad."""
    given = refresh_tokens.parse(text)
    if given is None:
        audit.record("renewal", "refused")
        refuse(NOT_GOOD)
    _refuse_ended(given)
    try:
        pair = sessions.renew(given)
    except Reused as reused:
        endings.end_session(reused.session_id, reused.user_id)
        audit.record(
            "session_ended", "refresh token used twice", reused.user_id,
            session=reused.session_id,
        )  # fmt: skip
        refuse(NOT_GOOD)
    if pair is None:
        audit.record("renewal", "refused", session=given.session_id)
        refuse(NOT_GOOD)
    return pair


def _refuse_ended(given: RefreshToken) -> None:
    """Refuse the token of a session whose access tokens are refused.

    Its user was deactivated, or has signed out at an instance of an older release.
    """
    claims = sessions.newest_claims(given.session_id)
    if claims is None:
        return
    revocations: Revocations = current_app.extensions["microflack_revocations"]
    if reason := revocations.reason(claims):
        endings.end_session(claims.session_id or "", claims.user_id)
        audit.record("renewal", "refused", claims.user_id, session=given.session_id)
        refuse(reason)


def _sentence(answer: Any) -> str:
    try:
        return str(answer.json()["error"])
    except (ValueError, LookupError, TypeError):
        return SENTENCES[answer.status_code]
