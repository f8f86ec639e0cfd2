"""The keys that tokens are signed and verified with, each known by a name of its own.

The setting JWT_SECRET_KEY signs. What is signed with JWT_SECRET_KEY_BEFORE is accepted,
too: to change the key without signing anybody out, first give every service the new one
as the second, then make it the first and the old one the second, and take the old one
away when its last token has expired.
"""

from collections.abc import Mapping
from hashlib import sha256
from typing import Any, NamedTuple

import jwt
from flask import current_app

ALGORITHM = "HS256"


class Keys(NamedTuple):
    """The key that signs, and the one that is accepted beside it, if any."""

    signing: str
    accepted: str = ""


def current_keys() -> Keys:
    """Return the keys of the current application."""
    config = current_app.config
    return Keys(config["JWT_SECRET_KEY"], config.get("JWT_SECRET_KEY_BEFORE") or "")


def key_id(key: str) -> str:
    """Return the name of a key (RFC 7515, 4.1.4: "kid"), which tells nothing of it."""
    return sha256(b"microflack key " + key.encode()).hexdigest()[:12]


def sign(claims: Mapping[str, Any], key: str) -> str:
    """Return a JSON Web Token (RFC 7519), HS256 only."""
    return jwt.encode(dict(claims), key, ALGORITHM, headers={"kid": key_id(key)})


def verify(token: str, keys: Keys, **options: Any) -> dict[str, Any]:
    """Return the claims of a token; takes the options of ``jwt.decode``.

    Raises jwt.InvalidTokenError or ValueError for one that is not good. One that names
    no key, as those of older releases, may be signed with either.
    """
    header = jwt.get_unverified_header(token)
    if header.get("typ", "JWT") != "JWT":
        raise jwt.InvalidTokenError("another type of token")
    known = {key_id(key): key for key in keys if key}
    if "kid" in header:
        known = {key_id: known[key_id] for key_id in known if key_id == header["kid"]}
    for key in known.values():
        try:
            payload: dict[str, Any]
            payload = jwt.decode(token, key, algorithms=[ALGORITHM], **options)
        except jwt.InvalidSignatureError:
            continue
        return payload
    raise jwt.InvalidSignatureError("signed with no key of ours")
