"""Messages and how they are found."""

import time
from typing import Any
from uuid import uuid4

from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import (
    BigInteger,
    Index,
    Row,
    Select,
    String,
    Text,
    UniqueConstraint,
    delete,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.mysql import MEDIUMTEXT
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

SOURCE_LENGTH = 16_384
KEY_LENGTH = 64
MAX_ID = 2**31 - 1
# A list has at most LIST_LIMIT messages, and LIST_DEFAULT if nobody says how many.
LIST_LIMIT = 500
LIST_DEFAULT = 100
# Seconds: how far back a list goes that is not told from where.
LIST_PERIOD = 24 * 60 * 60


class Base(DeclarativeBase):
    """The base of the service's models."""


# What was committed stays readable without a new transaction.
db = SQLAlchemy(model_class=Base, session_options={"expire_on_commit": False})
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
    # Another one after every change: cards that were made for one are not shown with
    # the next.
    revision: Mapped[str] = mapped_column(String(32))
    source: Mapped[str] = mapped_column(LongText)
    html: Mapped[str] = mapped_column(LongText)
    user_id: Mapped[int] = mapped_column(BigInteger)
    # What the author's client calls the message, so that it is stored only once.
    idempotency_key: Mapped[str | None] = mapped_column(Exact)

    def __init__(self, user_id: int, idempotency_key: str | None = None) -> None:
        self.user_id = user_id
        self.idempotency_key = idempotency_key
        self.created_at = self.updated_at = now()

    def write(self, source: str, html: str) -> None:
        """Give the message another text, and what it looks like."""
        self.source, self.html = source, html
        self.updated_at = max(now(), self.updated_at)
        self.revision = uuid4().hex

    def may_be_changed_by(self, user_id: int | None) -> bool:
        """Say whether this user may change the message: only its author may."""
        return self.user_id == user_id


# What is shown of a message: rows of these are much cheaper than models.
COLUMNS = (
    Message.id,
    Message.created_at,
    Message.updated_at,
    Message.source,
    Message.html,
    Message.user_id,
)


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
    """Return a message, a model or a row of COLUMNS, as the API shows it."""
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


def stored_before(user_id: int, key: str) -> Message | None:
    """Return the message that this user stored with this key."""
    query = select(Message).filter_by(user_id=user_id, idempotency_key=key)
    found: Message | None = db.session.scalar(query)
    return found


def expect_cards(message: Message) -> None:
    """Note, for the next commit, that the cards of ``message`` are to be made."""
    db.session.flush()
    pending = Pending(revision=message.revision, message_id=message.id, since=now())
    db.session.add(pending)


def pending(before: int, limit: int) -> list[str]:
    """Return the revisions that wait for cards since before this time, oldest first."""
    waiting = select(Pending.revision).where(Pending.since <= before)
    with db.engine.connect() as connection:
        return list(connection.scalars(waiting.order_by(Pending.since).limit(limit)))


def pending_message(revision: str) -> Row[Any] | None:
    """Return the message that waits for cards, None if it was changed since."""
    query = (
        select(Message.id, Message.source, Message.html, Message.updated_at)
        .join(Pending, Pending.message_id == Message.id)
        .where(Pending.revision == revision, Message.revision == revision)
    )
    with db.engine.connect() as connection:
        return connection.execute(query).one_or_none()


def finish(revision: str, message: Row[Any] | None, cards: str) -> None:
    """Add the cards to a message, unless it was changed in the meantime.

    In any case, the revision does not wait any more.
    """
    with db.engine.begin() as connection:
        if message and cards:
            this = (Message.id == message.id) & (Message.revision == revision)
            moment = max(now(), message.updated_at)
            values = {"html": message.html + cards, "updated_at": moment}
            connection.execute(update(Message).where(this).values(values))
        connection.execute(delete(Pending).where(Pending.revision == revision))


def latest(limit: int) -> list[Row[Any]]:
    """Return the newest messages of the last day by updated_at and id."""
    since = Message.updated_at >= now() - LIST_PERIOD
    newest = select(*COLUMNS).where(since)
    newest = newest.order_by(Message.updated_at.desc(), Message.id.desc())
    return list(db.session.execute(newest.limit(limit)))[::-1]


def changed(since: int, after_id: int, limit: int) -> tuple[list[Row[Any]], bool]:
    """Return messages by updated_at and id from a place on, and whether more follow."""
    # Not a comparison of tuples, for which MariaDB does not use the index.
    selection = select(*COLUMNS).where(Message.updated_at >= since)
    if after_id:
        after = or_(Message.updated_at > since, Message.id > after_id)
        selection = selection.where(after)
    return _cut(selection.order_by(Message.updated_at, Message.id), limit)


def before(message_id: int, limit: int) -> tuple[list[Row[Any]], bool]:
    """Return the messages just before this id, by id, and whether there are more."""
    selection = select(*COLUMNS).where(Message.id < message_id)
    rows, more = _cut(selection.order_by(Message.id.desc()), limit)
    return rows[::-1], more


def _cut(
    selection: Select[*tuple[Any, ...]], limit: int
) -> tuple[list[Row[Any]], bool]:
    rows = list(db.session.execute(selection.limit(limit + 1)))
    return rows[:limit], len(rows) > limit
