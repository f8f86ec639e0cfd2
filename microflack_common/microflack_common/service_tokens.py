"""Tokens by which one service asks another, in its own name.

They are signed with the setting SERVICE_KEY, which only some services have, are good
for a minute, and open only what asks for ``auth.service_or_token_auth``. A token is for
its audience (RFC 7519, 4.1.3): none of these is taken for a user's.
"""

import time
from dataclasses import dataclass
from uuid import uuid4

import jwt
from flask import current_app

from microflack_common import signing
from microflack_common.claims import InvalidToken

AUDIENCE = "microflack-service"
LIFETIME_SECONDS = 60
NOT_VALID = "The token of the service is not valid."


@dataclass(frozen=True)
class ServiceClaims:
    """Which service asks, and for which user, if for one."""

    service: str
    user_id: int | None


def are_possible() -> bool:
    """Say whether the current application has the key for such tokens."""
    return bool(current_app.config.get("SERVICE_KEY"))


def issue_service_token(user_id: int | None = None) -> str:
    """Return a token for one request of the current application.

    :param user_id: the user in whose place the service asks, if there is one.
    """
    claims = {
        "iss": current_app.name.removeprefix("microflack_"),
        "aud": AUDIENCE,
        "exp": int(time.time()) + LIFETIME_SECONDS,
        "jti": uuid4().hex,
        "user_id": user_id,
    }
    return signing.sign(claims, current_app.config["SERVICE_KEY"])


def decode_service_token(token: str) -> ServiceClaims:
    """Return who asks; raise InvalidToken if the token is not to be trusted.

    Without the setting SERVICE_KEY none is.
    """
    key = current_app.config.get("SERVICE_KEY")
    if not key:
        raise InvalidToken(NOT_VALID)
    try:
        payload = signing.verify(
            token,
            signing.Keys(key),
            audience=AUDIENCE,
            options={"require": ["iss", "aud", "exp"]},
        )
    except (jwt.InvalidTokenError, ValueError) as error:
        raise InvalidToken(NOT_VALID) from error
    service, user_id = payload["iss"], payload.get("user_id")
    if type(user_id) not in (int, type(None)):
        raise InvalidToken(NOT_VALID)
    return ServiceClaims(service, user_id)
