"""Handlers that have an APIFlask endpoint ask for a password or a token.

The tokens themselves are made and verified in ``tokens``, whose names are here, too.
"""

from typing import Any, NoReturn

from apiflask import HTTPBasicAuth, HTTPTokenAuth
from flask import Response, abort, g, request

from microflack_common.errors import error_response
from microflack_common.tokens import (
    LIFETIME_SECONDS,
    Claims,
    InvalidToken,
    decode_token,
    issue_token,
)

__all__ = [
    "LIFETIME_SECONDS",
    "Claims",
    "InvalidToken",
    "basic_auth",
    "current_claims",
    "current_user_id",
    "decode_token",
    "issue_token",
    "refuse",
    "token_auth",
    "token_optional_auth",
]

CHALLENGE = 'Bearer realm="Authentication Required"'
# A truthy stand-in for "nobody": Flask-HTTPAuth refuses every falsy user.
ANONYMOUS = "anonymous"


def current_user_id() -> int | None:
    """Return the id of the user whose token came with the request, or None."""
    user_id: int | None = g.get("user_id")
    return user_id


def current_claims() -> Claims | None:
    """Return what the request's token says, or None without a token."""
    claims: Claims | None = g.get("claims")
    return claims


def _unauthorized(status: int) -> Response:
    # Never "Basic": a browser would open a login box of its own.
    return error_response(
        status, g.get("auth_problem"), {"WWW-Authenticate": CHALLENGE}
    )


def _verify(token: str) -> int | None:
    try:
        claims = decode_token(token)
    except InvalidToken as error:
        g.auth_problem = str(error)
        return None
    g.claims, g.user_id = claims, claims.user_id
    return claims.user_id


def basic_auth() -> HTTPBasicAuth:
    """Return a Basic handler (RFC 7617) that refuses as all others do.

    The service gives it its own ``verify_password``.
    """
    auth = HTTPBasicAuth(description="nickname and password")
    auth.error_handler(_unauthorized)
    return auth


def refuse(sentence: str) -> NoReturn:
    """End the request with 401 and this sentence."""
    abort(error_response(401, sentence, {"WWW-Authenticate": CHALLENGE}))


class _OptionalTokenAuth(HTTPTokenAuth):
    def authenticate(self, auth: Any, stored_password: Any) -> Any:
        if "Authorization" not in request.headers:
            return ANONYMOUS
        return super().authenticate(auth, stored_password)


#: For endpoints that need a valid token.
token_auth = HTTPTokenAuth(description="a token from POST /api/tokens")
#: For endpoints that work without a token, but refuse a bad one.
token_optional_auth = _OptionalTokenAuth(
    name="OptionalBearerAuth", description="a token, which may be left out"
)

for _auth in (token_auth, token_optional_auth):
    _auth.verify_token(_verify)
    _auth.error_handler(_unauthorized)
