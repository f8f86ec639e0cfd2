"""Accounts."""

import time
import unicodedata
from typing import Any

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import BigInteger, Index, String, false, select
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from microflack_users import passwords

# Releases 1 to 7 keep their revision in alembic_version, and the first of them do not
# start on a database with one that they do not know.
REVISION_TABLE = "schema_revision"


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
        Index("ix_users_admin", "admin"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    created_at: Mapped[int] = mapped_column(BigInteger)
    updated_at: Mapped[int] = mapped_column(BigInteger)
    last_seen_at: Mapped[int] = mapped_column(BigInteger)
    nickname: Mapped[str] = mapped_column(Exact)
    # The nickname as it is compared when signing in: without case.
    nickname_key: Mapped[str] = mapped_column(Exact, unique=True)
    password_hash: Mapped[str] = mapped_column(String(128))
    online: Mapped[bool] = mapped_column(default=False)
    # With defaults in the database, since earlier releases insert rows as well.
    admin: Mapped[bool] = mapped_column(default=False, server_default=false())
    deactivated: Mapped[bool] = mapped_column(default=False, server_default=false())
    # Of an account that its owner has deleted; its row stays for what refers to it.
    deleted_at: Mapped[int | None] = mapped_column(BigInteger)
    # Another one with each picture; None without one, as rows of earlier releases are.
    picture: Mapped[str | None] = mapped_column(String(32))

    def __init__(self, nickname: str, password: str) -> None:
        self.created_at = self.updated_at = self.last_seen_at = now()
        self.online = self.admin = self.deactivated = False
        self.rename(nickname)
        self.set_password(password)

    def rename(self, nickname: str) -> None:
        """Give the account another nickname."""
        self.nickname = nickname
        self.nickname_key = key_of(nickname)
        self.updated_at = now()

    def set_password(self, password: str) -> None:
        """Give the account another password; only its hash is kept."""
        self.password_hash = passwords.make_hash(password)
        self.updated_at = now()

    def may_be_changed_by(self, user_id: int | None) -> bool:
        """Say whether this user may change the account: only its owner may."""
        return self.id == user_id


class UsersVersion(db.Model):  # type: ignore[name-defined]
    """One row, whose version changes in the transaction of every change of a user.

    Triggers of the database change it: see the migration 0003. Whoever changes several
    users in one transaction locks them first.
    """

    __tablename__ = "users_version"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    version: Mapped[str] = mapped_column(String(36))


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
        "admin": bool(user.admin),
        "deactivated": bool(user.deactivated),
        "picture_url": picture_url(user),
        "_links": {
            "self": f"/api/users/{user.id}",
            "messages": "/api/messages",
            "tokens": "/api/tokens",
        },
    }


def picture_url(user: Any) -> str | None:
    """Return where the picture of a user is, in this version; None without one."""
    # Earlier releases delete an account and leave the picture.
    if user.picture is None or user.deleted_at is not None:
        return None
    return f"/api/users/{user.id}/picture?version={user.picture}"


# What is shown of a user.
COLUMNS = (
    User.id,
    User.created_at,
    User.updated_at,
    User.last_seen_at,
    User.nickname,
    User.online,
    User.admin,
    User.deactivated,
    User.deleted_at,
    User.picture,
)


def id_of(nickname: str) -> int | None:
    """Return the id of the user with this nickname, or None."""
    query = select(User.id).where(User.nickname_key == key_of(nickname))
    user_id: int | None = db.session.scalar(query)
    return user_id


def authenticate(nickname: str, password: str) -> User | None:
    """Return the user with this nickname and password, or None."""
    query = select(User).where(User.nickname_key == key_of(nickname))
    user = db.session.scalar(query)
    stored = user.password_hash if user else passwords.NOBODY
    if not passwords.matches(stored, password):
        return None
    if user and passwords.HASHER.check_needs_rehash(stored):
        # Otherwise old accounts could be told by how long this takes.
        user.password_hash = passwords.make_hash(password)
        db.session.commit()
    return user
