"""Issue and verify the JSON Web Tokens (RFC 7519) that all services accept.

A token is HS256 only and carries ``user_id``, ``iat``, ``exp`` and ``jti``. The secret
is the application's setting JWT_SECRET_KEY, the same for all services. Tokens that were
revoked are refused where ``revocation.init_app`` was called.
"""

import re
import time
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from uuid import uuid4

import jwt
from flask import current_app

ALGORITHM = "HS256"
LIFETIME_SECONDS = 3600
# So many tokens are remembered: the same ones come again and again.
MAX_VERIFIED = 1024
EXPIRED = "The token has expired. Sign in again."
# Token ids become keys of the registry.
TOKEN_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._~-]{0,127}")


class InvalidToken(Exception):
    """Raised for a token that is not to be trusted; its text says why.

    It is forged, malformed, expired or revoked.
    """


@dataclass(frozen=True)
class Claims:
    """What a good token says: times are Unix seconds."""

    user_id: int
    issued_at: int
    expires_at: int
    token_id: str


def issue_token(user_id: int, lifetime: int = LIFETIME_SECONDS) -> str:
    """Return a signed token for this user that is good for ``lifetime`` seconds."""
    now = int(time.time())
    claims = {"user_id": user_id, "iat": now, "exp": now + lifetime, "jti": uuid4().hex}
    return jwt.encode(claims, current_app.config["JWT_SECRET_KEY"], ALGORITHM)


def decode_token(token: str) -> Claims:
    """Return what ``token`` says; raise InvalidToken if it is not to be trusted.

    Raises ServiceUnavailable if it cannot be known yet which tokens were revoked.
    """
    try:
        claims = _verified(token, current_app.config["JWT_SECRET_KEY"])
    except jwt.ExpiredSignatureError as error:
        raise InvalidToken(EXPIRED) from error
    except (jwt.InvalidTokenError, ValueError) as error:
        raise InvalidToken("The token is not valid. Sign in again.") from error
    if claims.expires_at <= time.time():
        raise InvalidToken(EXPIRED)
    if claims.token_id in current_app.extensions.get("microflack_revoked", ()):
        raise InvalidToken("The token has been revoked. Sign in again.")
    return claims


@lru_cache(maxsize=MAX_VERIFIED)
def _verified(token: str, secret: str) -> Claims:
    """Return what a token says whose signature is good, and that was good once."""
    payload = jwt.decode(
        token,
        secret,
        algorithms=[ALGORITHM],
        # Clocks of several hosts differ: "issued in the future" is no reason to
        # refuse, and the expiry still holds.
        options={"require": ["iat", "exp", "jti"], "verify_iat": False},
    )
    return _claims(payload)


def _claims(payload: dict[str, Any]) -> Claims:
    user_id, token_id = payload.get("user_id"), payload["jti"]
    known = isinstance(token_id, str) and TOKEN_ID.fullmatch(token_id)
    if type(user_id) is not int or user_id < 1 or not known:
        raise InvalidToken("The token is not valid. Sign in again.")
    return Claims(user_id, int(payload["iat"]), int(payload["exp"]), token_id)
