"""Handlers that have an APIFlask endpoint ask for a password or a token.

The tokens themselves are made and verified in ``tokens``, whose names are here, too.
"""

from typing import Any, NoReturn

from apiflask import HTTPBasicAuth, HTTPTokenAuth
from flask import Response, abort, g, request

from microflack_common import access
from microflack_common.description import OPTIONAL
from microflack_common.errors import error_response
from microflack_common.service_tokens import decode_service_token
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
    "current_service",
    "current_user_id",
    "decode_token",
    "issue_token",
    "reader_auth",
    "refuse",
    "service_or_token_auth",
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


def current_service() -> str | None:
    """Return which service asks, or None if it is none, or did not say so.

    Only where ``service_or_token_auth`` is asked for.
    """
    service: str | None = g.get("service")
    return service


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


def _verify_service(token: str) -> int | str | None:
    try:
        claims = decode_service_token(token)
    except InvalidToken:
        return _verify(token)
    g.service, g.user_id = claims.service, claims.user_id
    return claims.user_id or claims.service


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
    def get_security_scheme(self) -> dict[str, Any]:
        return {**super().get_security_scheme(), OPTIONAL: self.may_be_left_out()}

    def may_be_left_out(self) -> bool:
        return True

    def authenticate(self, auth: Any, stored_password: Any) -> Any:
        if "Authorization" not in request.headers:
            return ANONYMOUS
        return super().authenticate(auth, stored_password)


class _ReaderAuth(_OptionalTokenAuth):
    def may_be_left_out(self) -> bool:
        return access.is_open()

    def authenticate(self, auth: Any, stored_password: Any) -> Any:
        if not access.is_open() and "Authorization" not in request.headers:
            return None
        return super().authenticate(auth, stored_password)


#: For endpoints that need a valid token.
token_auth = HTTPTokenAuth(description="a token from POST /api/tokens")
#: For endpoints that work without a token, but refuse a bad one.
token_optional_auth = _OptionalTokenAuth(
    name="OptionalBearerAuth", description="a token, which may be left out"
)
#: For endpoints that read: the token may be left out while reading is open to all.
reader_auth = _ReaderAuth(
    name="ReaderBearerAuth",
    description="a token, which may be left out where ACCESS is open",
)
#: For endpoints that another service may ask in its own name, or in a user's place.
service_or_token_auth = HTTPTokenAuth(
    name="ServiceOrBearerAuth", description="a token, or that of a service"
)

for _auth in (token_auth, token_optional_auth, reader_auth):
    _auth.verify_token(_verify)
service_or_token_auth.verify_token(_verify_service)
for _auth in (token_auth, token_optional_auth, reader_auth, service_or_token_auth):
    _auth.error_handler(_unauthorized)
