"""Accounts and their passwords."""

import os
import threading
import time
import unicodedata
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import BigInteger, Index, String, select
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

# argon2id, with one of the equally strong settings of the OWASP Password Storage Cheat
# Sheet: the one with the least memory, which is also the fastest by a quarter.
HASHER = PasswordHasher(time_cost=5, memory_cost=7 * 1024, parallelism=1)
# Each takes a whole core: more at once would only take more memory.
HASHING = threading.BoundedSemaphore(os.cpu_count() or 1)
# Nobody's password is checked against this, so that an unknown nickname takes as long.
NOBODY = HASHER.hash("the password of nobody")


class Base(DeclarativeBase):
    """The base of the service's models."""


# What was committed stays readable without a new transaction.
db = SQLAlchemy(model_class=Base, session_options={"expire_on_commit": False})

# Compares and sorts by code point on every database.
Exact = String(128).with_variant(String(128, collation="utf8mb4_bin"), "mysql")


class User(db.Model):  # type: ignore[name-defined]
    """An account. Times are Unix seconds."""

    __tablename__ = "users"
    __table_args__ = (
        Index("ix_users_updated_at", "updated_at", "nickname"),
        Index("ix_users_online", "online", "last_seen_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    created_at: Mapped[int] = mapped_column(BigInteger)
    updated_at: Mapped[int] = mapped_column(BigInteger)
    last_seen_at: Mapped[int] = mapped_column(BigInteger)
    nickname: Mapped[str] = mapped_column(Exact)
    # The nickname as it is compared: without case.
    nickname_key: Mapped[str] = mapped_column(Exact, unique=True)
    password_hash: Mapped[str] = mapped_column(String(128))
    online: Mapped[bool] = mapped_column(default=False)

    def __init__(self, nickname: str, password: str) -> None:
        self.created_at = self.updated_at = self.last_seen_at = now()
        self.online = False
        self.rename(nickname)
        self.set_password(password)

    def rename(self, nickname: str) -> None:
        """Give the account another nickname."""
        self.nickname = nickname
        self.nickname_key = key_of(nickname)
        self.updated_at = now()

    def set_password(self, password: str) -> None:
        """Give the account another password; only its hash is kept."""
        with HASHING:
            self.password_hash = HASHER.hash(password)
        self.updated_at = now()

    def may_be_changed_by(self, user_id: int | None) -> bool:
        """Say whether this user may change the account: only its owner may."""
        return self.id == user_id


def now() -> int:
    """Return the time in Unix seconds."""
    return int(time.time())


def key_of(nickname: str) -> str:
    """Return what two equal nicknames have in common."""
    return unicodedata.normalize("NFC", nickname).casefold()


def to_dict(user: Any) -> dict[str, Any]:
    """Return a user, a model or a row with its columns, as the API shows it."""
    return {
        "id": user.id,
        "created_at": user.created_at,
        "updated_at": user.updated_at,
        "last_seen_at": user.last_seen_at,
        "nickname": user.nickname,
        "online": bool(user.online),
        "_links": {
            "self": f"/api/users/{user.id}",
            "messages": "/api/messages",
            "tokens": "/api/tokens",
        },
    }


# What is shown of a user.
COLUMNS = (
    User.id,
    User.created_at,
    User.updated_at,
    User.last_seen_at,
    User.nickname,
    User.online,
)


def authenticate(nickname: str, password: str) -> User | None:
    """Return the user with this nickname and password, or None."""
    query = select(User).where(User.nickname_key == key_of(nickname))
    user = db.session.scalar(query)
    stored = user.password_hash if user else NOBODY
    try:
        with HASHING:
            HASHER.verify(stored, password)
    except VerificationError:
        return None
    if user and HASHER.check_needs_rehash(stored):
        # Otherwise old accounts could be told by how long this takes.
        with HASHING:
            user.password_hash = HASHER.hash(password)
        db.session.commit()
    return user
