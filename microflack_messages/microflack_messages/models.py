"""Messages and how they are found."""

import time
from typing import Any

from flask import current_app
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import (
    BigInteger,
    Connection,
    Index,
    Row,
    String,
    Text,
    UniqueConstraint,
    delete,
    select,
    update,
)
from sqlalchemy import insert as insert_into
from sqlalchemy.dialects.mysql import MEDIUMTEXT
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from microflack_common import database

SOURCE_LENGTH = 16_384
KEY_LENGTH = 64
MAX_ID = 2**31 - 1


class Base(DeclarativeBase):
    """The base of the service's models."""


db = SQLAlchemy(model_class=Base)
migrate = Migrate()

# MySQL's TEXT holds 64 kB, which is too little for four bytes a character.
LongText = Text().with_variant(MEDIUMTEXT(), "mysql")
# Compares by code point on every database.
Exact = String(KEY_LENGTH).with_variant(
    String(KEY_LENGTH, collation="utf8mb4_bin"), "mysql"
)


class Message(db.Model):  # type: ignore[name-defined]
    """A message. Times are Unix seconds."""

    __tablename__ = "messages"
    __table_args__ = (
        Index("ix_messages_updated_at", "updated_at", "id"),
        UniqueConstraint(
            "user_id", "idempotency_key", name="uq_messages_idempotency_key"
        ),
        {"mysql_default_charset": "utf8mb4"},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    created_at: Mapped[int] = mapped_column(BigInteger)
    updated_at: Mapped[int] = mapped_column(BigInteger)
    # Another one after every change: it names this change to whoever waits for it, and
    # cards that were made for one text are not shown with the next.
    revision: Mapped[str] = mapped_column(String(32))
    source: Mapped[str] = mapped_column(LongText)
    html: Mapped[str] = mapped_column(LongText)
    user_id: Mapped[int] = mapped_column(BigInteger)
    # What the author's client calls the message, so that it is stored only once.
    idempotency_key: Mapped[str | None] = mapped_column(Exact)

    def may_be_changed_by(self, user_id: int | None) -> bool:
        """Say whether this user may change the message: only its author may."""
        return self.user_id == user_id


# What is shown of a message. Rows of these, and statements that are made once, cost a
# third of what sessions and models do.
COLUMNS = (
    Message.id,
    Message.created_at,
    Message.updated_at,
    Message.source,
    Message.html,
    Message.user_id,
)
INSERT = insert_into(Message.__table__)


class Pending(db.Model):  # type: ignore[name-defined]
    """A revision of a message whose link cards are still to be made.

    Stored together with the message, so a crash in between forgets none. There are few
    at any time: no index is needed.
    """

    __tablename__ = "pending_cards"

    revision: Mapped[str] = mapped_column(String(32), primary_key=True)
    message_id: Mapped[int] = mapped_column(BigInteger)
    since: Mapped[int] = mapped_column(BigInteger)


def now() -> int:
    """Return the time in Unix seconds."""
    return int(time.time())


def to_dict(message: Any) -> dict[str, Any]:
    """Return a message, a model or a row of its columns, as the API shows it."""
    return {
        "id": message.id,
        "created_at": message.created_at,
        "updated_at": message.updated_at,
        "source": message.source,
        "html": message.html,
        "user_id": message.user_id,
        "_links": {
            "self": f"/api/messages/{message.id}",
            "user": f"/api/users/{message.user_id}",
        },
    }


def stored_before(user_id: int, key: str) -> Row[Any] | None:
    """Return the message that this user stored with this key."""
    query = select(*COLUMNS).filter_by(user_id=user_id, idempotency_key=key)
    with database.autocommit(current_app).connect() as connection:
        return connection.execute(query).one_or_none()


def insert(values: dict[str, Any], expects_cards: bool) -> int:
    """Store a new message; return its id.

    Raises IntegrityError if its author has stored one with the same key before.
    """
    if not expects_cards:
        with database.autocommit(current_app).connect() as connection:
            return _inserted(connection, values)
    with db.engine.begin() as connection:
        message_id = _inserted(connection, values)
        _expect_cards(connection, message_id, values["revision"])
        return message_id


def change(message_id: int, values: dict[str, Any], expects_cards: bool) -> None:
    """Give a stored message other values."""
    with db.engine.begin() as connection:
        this = Message.id == message_id
        connection.execute(update(Message).where(this).values(values))
        if expects_cards:
            _expect_cards(connection, message_id, values["revision"])


def _inserted(connection: Connection, values: dict[str, Any]) -> int:
    found = connection.execute(INSERT, values).inserted_primary_key
    return int(found[0]) if found else 0


def _expect_cards(connection: Connection, message_id: int, revision: str) -> None:
    values = {"revision": revision, "message_id": message_id, "since": now()}
    connection.execute(insert_into(Pending).values(values))


def pending(before: int, limit: int) -> list[str]:
    """Return the revisions that wait for cards since before this time, oldest first."""
    waiting = select(Pending.revision).where(Pending.since <= before)
    with db.engine.connect() as connection:
        return list(connection.scalars(waiting.order_by(Pending.since).limit(limit)))


def pending_message(revision: str) -> Row[Any] | None:
    """Return the message that waits for cards, None if it was changed since."""
    query = (
        select(*COLUMNS)
        .join(Pending, Pending.message_id == Message.id)
        .where(Pending.revision == revision, Message.revision == revision)
    )
    with db.engine.connect() as connection:
        return connection.execute(query).one_or_none()


def finish(revision: str, values: dict[str, Any] | None) -> bool:
    """Give the revision's message its cards, which is another revision.

    Returns False if there are none or the message was changed in the meantime. In any
    case, the revision does not wait any more.
    """
    changed = 0
    with db.engine.begin() as connection:
        if values:
            this = (Message.id == values["id"]) & (Message.revision == revision)
            changing = update(Message).where(this).values(values)
            changed = connection.execute(changing).rowcount
        connection.execute(delete(Pending).where(Pending.revision == revision))
    return bool(changed)
