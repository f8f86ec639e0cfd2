"""Refresh tokens: what they look like, and how the next one follows from one.

The next one is made from the one before and a key that is kept with the session. So it
can be given again to who has the one before, although only its hash is kept; and with
all that is kept nobody can make one. Renewing at each use, and ending the session when
an old one comes back: RFC 9700, 4.14.2.
"""

import hmac
import re
from base64 import urlsafe_b64encode
from hashlib import sha256
from secrets import token_bytes
from typing import NamedTuple

FORM = re.compile(r"([0-9a-f]{32})\.([0-9]{1,9})\.([A-Za-z0-9_-]{43})")
# An old one is recognised when it is not older than so many renewals.
MAX_STEPS = 10_000


class RefreshToken(NamedTuple):
    """One of the refresh tokens of a session, by its number."""

    session_id: str
    number: int
    secret: str

    def __str__(self) -> str:
        return f"{self.session_id}.{self.number}.{self.secret}"

    @property
    def hash(self) -> str:
        """What is kept of it. It is as random as a key: that needs no slow hash."""
        return sha256(self.secret.encode()).hexdigest()

    def next(self, chain_key: str) -> "RefreshToken":
        """Return the one that takes its place."""
        digest = hmac.digest(bytes.fromhex(chain_key), self.secret.encode(), "sha256")
        return RefreshToken(self.session_id, self.number + 1, _text(digest))

    def leads_to(self, number: int, secret_hash: str, chain_key: str) -> bool:
        """Say whether the one with this number and hash follows from it."""
        token = self
        if not 0 <= number - token.number <= MAX_STEPS:
            return False
        while token.number < number:
            token = token.next(chain_key)
        return hmac.compare_digest(token.hash, secret_hash)


def first(session_id: str) -> RefreshToken:
    """Return the first one of a session."""
    return RefreshToken(session_id, 1, _text(token_bytes(32)))


def new_chain_key() -> str:
    """Return the key of a new session."""
    return token_bytes(32).hex()


def parse(text: str) -> RefreshToken | None:
    """Return the refresh token that somebody has sent; None for anything else."""
    match = FORM.fullmatch(text)
    return RefreshToken(match[1], int(match[2]), match[3]) if match else None


def _text(secret: bytes) -> str:
    return urlsafe_b64encode(secret).decode().rstrip("=")
