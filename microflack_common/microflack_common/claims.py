"""What a token says."""

from dataclasses import dataclass


class InvalidToken(Exception):
    """Raised for a token that is not to be trusted; its text says why.

    It is forged, malformed, expired or revoked.
    """


@dataclass(frozen=True)
class Claims:
    """What a good token says: times are Unix seconds.

    ``session_id`` is that of the session that it belongs to, ``generation`` the number
    of the last revocation (see ``revocation.Cut``) when its user signed in. Tokens of
    releases without sessions have neither. ``signed_in_at`` is when the password was
    given, which for a renewed token is before it was issued.
    """

    user_id: int
    issued_at: int
    expires_at: int
    token_id: str
    session_id: str | None = None
    generation: int | None = None
    signed_in_at: int = 0
