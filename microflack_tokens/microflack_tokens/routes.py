"""The /api/tokens endpoints."""

from contextlib import suppress
from typing import Any

from apiflask import APIBlueprint
from flask import Response, abort, g, jsonify, request

from microflack_common import audit, rights
from microflack_common.auth import (
    Claims,
    current_claims,
    current_service,
    current_user_id,
    refuse,
    service_or_token_auth,
    token_auth,
)
from microflack_common.client_address import client_address
from microflack_common.errors import SENTENCES, ServiceUnavailable
from microflack_tokens import (
    endings,
    refresh_tokens,
    session_cookie,
    session_list,
    sessions,
)
from microflack_tokens.credentials import given_refresh_token, passwords, renew
from microflack_tokens.schemas import ClaimsOut, EndQuery, PairOut, SessionList
from microflack_tokens.sessions import Pair

SIGN_IN_ANSWERS = {
    400: "The body makes no sense",
    401: "Unauthorized",
    403: "From another site",
    429: "Later",
}

# No user has a higher one.
LARGEST_ID = 2**31 - 1

tokens = APIBlueprint("tokens", __name__, url_prefix="/api/tokens", tag="tokens")


@tokens.post("")
@tokens.auth_required(passwords, optional=True)
@tokens.output(PairOut)
@tokens.doc(responses=SIGN_IN_ANSWERS)
def sign_in() -> Response:
    """Issue a token, for a nickname and password or for a refresh token.

    The refresh token is in the body, `{"refresh_token": "..."}`, or in the cookie
    `microflack_session`. Each is good for one use. With `X-Session: cookie` the new one
    is put into the cookie and not into the answer.
    """
    if user_id := passwords.current_user:
        _leave_session()
        agent, address = request.headers.get("User-Agent", ""), client_address(request)
        return _answer(sessions.begin(user_id, g.generation, agent, address))
    if _gives_password():
        refuse(g.get("auth_problem") or SENTENCES[401])
    refresh_token = given_refresh_token()
    if refresh_token is None:
        refresh_token = session_cookie.read(request)
        g.by_cookie = refresh_token is not None
    if refresh_token is None:
        refuse(SENTENCES[401])
    if g.get("by_cookie") and not session_cookie.is_of_this_site(request):
        abort(403, "The request comes from a page of another site.")
    g.renews = True
    return _answer(renew(refresh_token))


@tokens.get("")
@tokens.auth_required(token_auth)
@tokens.output(ClaimsOut)
def check() -> dict[str, Any]:
    """Say what the token says, if it is good. For whoever has it."""
    claims = _own_claims()
    return {
        "user_id": claims.user_id,
        "iat": claims.issued_at,
        "exp": claims.expires_at,
        "jti": claims.token_id,
        "sid": claims.session_id,
    }


@tokens.delete("")
@tokens.auth_required(token_auth)
@tokens.output({}, status_code=204)
def sign_out() -> tuple[str, int]:
    """End the token and its session: within a second no service accepts it.

    For whoever has it.
    """
    claims = _own_claims()
    endings.end_token(claims)
    audit.record("sign_out", "ok", claims.user_id, session=claims.session_id)
    return "", 204


@tokens.get("/sessions")
@tokens.auth_required(token_auth)
@tokens.output(SessionList)
def index() -> dict[str, Any]:
    """List the sessions of the token's user, the one that was used last first."""
    claims = _own_claims()
    listed = [
        session._asdict() | {"current": session.id == claims.session_id}
        for session in session_list.of_user(claims.user_id)
    ]
    return {"sessions": listed}


@tokens.delete("/sessions/<session_id>")
@tokens.auth_required(token_auth)
@tokens.output({}, status_code=204)
def end(session_id: str) -> tuple[str, int]:
    """End a session and all its tokens. For its user."""
    user_id = _own_claims().user_id
    if not endings.end_session(session_id, user_id):
        abort(404, "There is no such session.")
    audit.record("session_ended", "ok", user_id, session=session_id)
    return "", 204


@tokens.delete("/users/<int:user_id>")
@tokens.auth_required(service_or_token_auth)
@tokens.input(EndQuery, location="query")
@tokens.output({}, status_code=204)
@tokens.doc(responses={403: "Not yours"})
def end_user(user_id: int, query_data: dict[str, str]) -> tuple[str, int]:
    """End all sessions and tokens of a user that were issued until now.

    For that user, for administrators, and for services. With `except` one session goes
    on.
    """
    asker = current_service() or current_user_id()
    if asker != user_id and not current_service() and not rights.is_admin(asker):
        abort(403, "You can end your own sessions only.")
    if user_id > LARGEST_ID:
        abort(404, "There is no such user.")
    endings.end_all(user_id, query_data.get("spared", ""))
    audit.record("all_sessions_ended", "ok", user_id, by=asker)
    return "", 204


@tokens.delete("/everybody")
@tokens.auth_required(token_auth)
@tokens.output({}, status_code=204)
@tokens.doc(responses={403: "Not an administrator"})
def end_everybody() -> tuple[str, int]:
    """End all sessions and tokens of everybody. For administrators."""
    user_id = _own_claims().user_id
    if not rights.is_admin(user_id):
        abort(403, "This is for administrators only.")
    endings.end_all(None)
    audit.record("everybody_signed_out", "ok", user_id)
    return "", 204


@tokens.after_request
def count_failure(response: Response) -> Response:
    """Have the load balancer count a bad refresh token with failed sign-ins."""
    if g.get("renews") and response.status_code == 401:
        response.headers["X-Failed-Sign-In"] = "yes"
    return response


@tokens.after_request
def forget_cookie(response: Response) -> Response:
    """Have the browser forget a refresh token that is good no more."""
    is_over = request.endpoint == "tokens.sign_out" and response.status_code == 204
    is_bad = g.get("by_cookie") and response.status_code == 401
    if is_over or is_bad:
        session_cookie.clear(request, response)
    return response


def _answer(pair: Pair) -> Response:
    answer = {"token": pair.token, "expires_at": pair.claims.expires_at}
    refresh_token = str(pair.refresh_token)
    with_cookie = g.get("by_cookie") or session_cookie.is_wanted(request)
    if not with_cookie:
        answer["refresh_token"] = refresh_token
    response = jsonify(answer)
    response.headers["Cache-Control"] = "no-store"
    if with_cookie:
        session_cookie.store(request, response, refresh_token, sessions.IDLE_SECONDS)
    return response


def _leave_session() -> None:
    """End the session that the cookie keeps: another one takes its place."""
    kept = session_cookie.read(request) if session_cookie.is_wanted(request) else None
    given = refresh_tokens.parse(kept) if kept else None
    user_id = sessions.user_of(given) if given else None
    if given and user_id:
        # If that cannot be told everywhere yet, it will be.
        with suppress(ServiceUnavailable):
            endings.end_session(given.session_id, user_id)
        audit.record("session_ended", "replaced", user_id, session=given.session_id)


def _gives_password() -> bool:
    given = request.headers.get("Authorization", "")
    return given.partition(" ")[0].lower() == "basic"


def _own_claims() -> Claims:
    claims = current_claims()
    assert claims is not None  # token_auth let nobody in without
    return claims
