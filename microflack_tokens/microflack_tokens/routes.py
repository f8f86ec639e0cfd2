"""The /api/tokens endpoint."""

from typing import Any

from apiflask import APIBlueprint, Schema
from apiflask.fields import Integer, String
from flask import current_app

from microflack_common.auth import (
    Claims,
    basic_auth,
    current_claims,
    issue_token,
    token_auth,
)
from microflack_common.errors import ServiceUnavailable
from microflack_common.http import Client
from microflack_common.registry import RegistryError
from microflack_common.revocation import RevokedTokens

tokens = APIBlueprint("tokens", __name__, url_prefix="/api/tokens", tag="tokens")
credentials = basic_auth()


class TokenOut(Schema):
    """A new token."""

    token = String(metadata={"description": "a JSON Web Token, good for one hour"})


class ClaimsOut(Schema):
    """What a token says. Times are Unix seconds."""

    user_id = Integer()
    iat = Integer(metadata={"description": "issued at"})
    exp = Integer(metadata={"description": "expires at"})
    jti = String(metadata={"description": "the token's id"})


@credentials.verify_password
def check_with_users(nickname: str, password: str) -> int | None:
    """Return the id of the user with these credentials, or None.

    Passwords are known to the users service alone: it is asked.
    """
    if not nickname:
        return None
    services: Client = current_app.extensions["microflack_services"]
    answer = services.get("/api/users/me", auth=(nickname.encode(), password.encode()))
    if answer.status_code == 200:
        return int(answer.json()["id"])
    if answer.status_code == 401:
        return None
    raise ServiceUnavailable("The users service cannot check passwords right now.")


@tokens.post("")
@tokens.auth_required(credentials)
@tokens.output(TokenOut)
def sign_in() -> dict[str, str]:
    """Issue a token. For whoever gives a user's nickname and password."""
    return {"token": issue_token(credentials.current_user)}


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
    }


@tokens.delete("")
@tokens.auth_required(token_auth)
@tokens.output({}, status_code=204)
def sign_out() -> tuple[str, int]:
    """Revoke the token: within a second no service accepts it. For whoever has it."""
    claims = _own_claims()
    revoked: RevokedTokens = current_app.extensions["microflack_revoked"]
    try:
        revoked.revoke(claims.token_id, claims.expires_at)
    except RegistryError as error:
        raise ServiceUnavailable(
            "The token could not be revoked. Try again shortly."
        ) from error
    return "", 204


def _own_claims() -> Claims:
    claims = current_claims()
    assert claims is not None  # token_auth let nobody in without
    return claims
