"""Issue and verify the JSON Web Tokens (RFC 7519) that all services accept.

A token is HS256 only and carries ``user_id``, ``iat``, ``exp`` and ``jti``; one of a
session also ``sid``, ``gen`` and ``auth_time``, see ``Claims``. The keys are those of
``signing``, the same for all services. Tokens that were revoked, and those of people
who were deactivated, are refused where ``revocation.init_app`` was called.
"""

import re
import time
from functools import lru_cache
from typing import Any
from uuid import uuid4

import jwt
from flask import current_app

from microflack_common import signing
from microflack_common.claims import Claims, InvalidToken

__all__ = [
    "LIFETIME_SECONDS",
    "Claims",
    "InvalidToken",
    "check_claims",
    "decode_token",
    "encode_claims",
    "issue_token",
    "read_token",
]

LIFETIME_SECONDS = 3600
# So many tokens are remembered: the same ones come again and again.
MAX_VERIFIED = 1024
EXPIRED = "The token has expired. Sign in again."
NOT_VALID = "The token is not valid. Sign in again."
# If a token says whom it is for, it is for us. Ours do not say so, since older releases
# refuse those that do.
AUDIENCE = "microflack"
# Ids of tokens and sessions become keys of the registry.
KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._~-]{0,127}")


def issue_token(user_id: int, lifetime: int = LIFETIME_SECONDS) -> str:
    """Return a signed token for this user that is good for ``lifetime`` seconds."""
    now = int(time.time())
    return encode_claims(Claims(user_id, now, now + lifetime, uuid4().hex))


def encode_claims(claims: Claims) -> str:
    """Return the signed token that says this, the same one each time."""
    payload: dict[str, Any] = {
        "user_id": claims.user_id,
        "iat": claims.issued_at,
        "exp": claims.expires_at,
        "jti": claims.token_id,
    }
    if claims.session_id is not None:
        payload["sid"] = claims.session_id
        payload["gen"] = claims.generation
        payload["auth_time"] = claims.signed_in_at
    return signing.sign(payload, signing.current_keys().signing)


def decode_token(token: str) -> Claims:
    """Return what ``token`` says; raise InvalidToken if it is not to be trusted.

    Raises ServiceUnavailable if it cannot be known yet which tokens were revoked.
    """
    claims = read_token(token)
    check_claims(claims)
    return claims


def read_token(token: str) -> Claims:
    """Return what ``token`` says, which may have been revoked.

    Raises InvalidToken if it is forged or malformed, or has expired.
    """
    try:
        claims = _verified(token, signing.current_keys())
    except jwt.ExpiredSignatureError as error:
        raise InvalidToken(EXPIRED) from error
    except (jwt.InvalidTokenError, ValueError) as error:
        raise InvalidToken(NOT_VALID) from error
    if claims.expires_at <= time.time():
        raise InvalidToken(EXPIRED)
    return claims


def check_claims(claims: Claims) -> None:
    """Return if a token that was good still is; raises as ``decode_token`` does."""
    if claims.expires_at <= time.time():
        raise InvalidToken(EXPIRED)
    revocations = current_app.extensions.get("microflack_revocations")
    if revocations and (reason := revocations.reason(claims)):
        raise InvalidToken(reason)


@lru_cache(maxsize=MAX_VERIFIED)
def _verified(token: str, keys: signing.Keys) -> Claims:
    """Return what a token says whose signature is good, and that was good once."""
    payload = signing.verify(
        token,
        keys,
        # Clocks of several hosts differ: "issued in the future" is no reason to
        # refuse, and the expiry still holds.
        options={
            "require": ["iat", "exp", "jti"],
            "verify_iat": False,
            "verify_aud": False,
        },
    )
    if payload.get("aud", AUDIENCE) != AUDIENCE:
        raise InvalidToken(NOT_VALID)
    return _claims(payload)


def _claims(payload: dict[str, Any]) -> Claims:
    user_id, issued_at = payload.get("user_id"), int(payload["iat"])
    session_id, generation = payload.get("sid"), payload.get("gen")
    ids = [payload["jti"]] if session_id is None else [payload["jti"], session_id]
    if type(user_id) is not int or user_id < 1 or not all(map(_is_key, ids)):
        raise InvalidToken(NOT_VALID)
    if session_id is not None and type(generation) is not int:
        raise InvalidToken(NOT_VALID)
    return Claims(
        user_id,
        issued_at,
        int(payload["exp"]),
        payload["jti"],
        session_id,
        generation,
        # Before there were sessions, who had a new token had just signed in.
        int(payload.get("auth_time", issued_at)),
    )


def _is_key(text: Any) -> bool:
    return isinstance(text, str) and bool(KEY.fullmatch(text))
