"""Codes by which somebody who has forgotten a password sets another, once."""

import secrets
from hashlib import sha256
from typing import Any

from sqlalchemy import BigInteger, String, delete, select
from sqlalchemy.orm import Mapped, mapped_column

from microflack_users.models import User, db, now

LIFETIME_SECONDS = 86400
# 192 random bits.
CODE_BYTES = 24
NOT_GOOD = "This code has been used, has expired or never was: ask for another one."


class Reset(db.Model):  # type: ignore[name-defined]
    """A code that was given out; only its hash is kept. A user has one at most."""

    __tablename__ = "resets"

    user_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    code_hash: Mapped[str] = mapped_column(String(64), unique=True)
    expires_at: Mapped[int] = mapped_column(BigInteger)


def make(user: User, base_url: str) -> dict[str, Any]:
    """Return a new code for a user, as the API shows it; an earlier one ends.

    :param base_url: the address of the page, with a final slash.
    """
    code = secrets.token_urlsafe(CODE_BYTES)
    expires_at = now() + LIFETIME_SECONDS
    reset = Reset(user_id=user.id, code_hash=_hash(code), expires_at=expires_at)
    db.session.merge(reset)
    db.session.commit()
    # After "#": it comes into no server's log.
    return {"code": code, "url": f"{base_url}reset#{code}", "expires_at": expires_at}


def user_of(code: str) -> User | None:
    """Return whose code this is, if it is good."""
    query = select(User).join(Reset, Reset.user_id == User.id)
    good = (Reset.code_hash == _hash(code)) & (Reset.expires_at > now())
    return db.session.scalar(query.where(good, User.deleted_at.is_(None)))


def use(code: str) -> bool:
    """End a code, in this transaction; False if somebody else has just used it."""
    used = delete(Reset).where(Reset.code_hash == _hash(code), Reset.expires_at > now())
    return bool(db.session.execute(used).rowcount)  # type: ignore[attr-defined]


def forget(user_id: int) -> None:
    """End a user's code, in this transaction."""
    db.session.execute(delete(Reset).where(Reset.user_id == user_id))


def _hash(code: str) -> str:
    return sha256(code.encode()).hexdigest()
