"""What messages are, and how the API shows a message.

Who may do what with them is in ``permissions``.
"""

import json
import time
from typing import Any

from sqlalchemy import BigInteger, Index, String, Text, UniqueConstraint, false
from sqlalchemy.dialects.mysql import MEDIUMTEXT
from sqlalchemy.orm import Mapped, mapped_column

from microflack_messages.orm import REVISION_TABLE, Base, db
from microflack_messages.room_models import EVERYONE, Room, RoomMember

# All that is stored, in one place for those who need several of them.
__all__ = [
    "COLUMNS",
    "EVERYONE",
    "MAX_ID",
    "MAX_KEY_LENGTH",
    "MAX_SOURCE_LENGTH",
    "REVISION_TABLE",
    "Base",
    "Message",
    "PendingCard",
    "Room",
    "RoomMember",
    "db",
    "now",
    "to_dict",
]

MAX_SOURCE_LENGTH = 16_384
MAX_KEY_LENGTH = 64
MAX_ID = 2**31 - 1

# MySQL's TEXT holds 64 kB, which is too little for four bytes a character.
LongText = Text().with_variant(MEDIUMTEXT(), "mysql")
# Compares by code point on every database.
Exact = String(MAX_KEY_LENGTH).with_variant(
    String(MAX_KEY_LENGTH, collation="utf8mb4_bin"), "mysql"
)


class Message(db.Model):  # type: ignore[name-defined]
    """A message. Times are Unix seconds."""

    __tablename__ = "messages"
    __table_args__ = (
        Index("ix_messages_updated_at", "updated_at", "id"),
        Index("ix_messages_change", "room_id", "change"),
        Index("ix_messages_room_id", "room_id", "id", "user_id"),
        UniqueConstraint(
            "user_id", "idempotency_key", name="uq_messages_idempotency_key"
        ),
        {"mysql_default_charset": "utf8mb4"},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    created_at: Mapped[int] = mapped_column(BigInteger)
    updated_at: Mapped[int] = mapped_column(BigInteger)
    # A new one with every change. It names the change, and tells the cards of one text
    # from those of the next.
    revision: Mapped[str] = mapped_column(String(32))
    source: Mapped[str] = mapped_column(LongText)
    html: Mapped[str] = mapped_column(LongText)
    user_id: Mapped[int] = mapped_column(BigInteger)
    # The author's client makes it up; of each author a key is stored only once.
    idempotency_key: Mapped[str | None] = mapped_column(Exact)
    room_id: Mapped[int] = mapped_column(server_default="1")
    # The number of its last change. In the database it may be empty, as releases before
    # 7 leave it.
    change: Mapped[int | None] = mapped_column(BigInteger)
    # When its author changed the text for the last time.
    edited_at: Mapped[int | None] = mapped_column(BigInteger)
    # What is left of it then is the trace that there was one.
    deleted: Mapped[bool] = mapped_column(server_default=false())
    # A message of the same room.
    reply_to: Mapped[int | None]
    # JSON: the ids of the users whom it names. Releases before 11 leave it empty.
    mentions: Mapped[str | None] = mapped_column(LongText)
    # JSON, as the API shows it. In the row, so that it is read with it and changes with
    # its number; an event with all who reacted is as long as this.
    reactions: Mapped[str | None] = mapped_column(LongText)
    # What is shown of its files, as JSON; empty if it has none.
    files: Mapped[str | None] = mapped_column(LongText)


# What is shown of a message. Rows of these cost a third of what sessions and models do.
COLUMNS = (
    Message.id,
    Message.created_at,
    Message.updated_at,
    Message.source,
    Message.html,
    Message.user_id,
    Message.room_id,
    Message.change,
    Message.edited_at,
    Message.deleted,
    Message.reply_to,
    Message.mentions,
    Message.reactions,
    Message.files,
)


class PendingCard(db.Model):  # type: ignore[name-defined]
    """A revision of a message that waits for its link cards.

    Stored together with the message, so that no crash forgets it. Only a few wait at
    any time: no index is needed.
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
    # An older release may have put a text into what was deleted meanwhile.
    deleted = bool(message.deleted)
    return {
        "id": message.id,
        "created_at": message.created_at,
        "updated_at": message.updated_at,
        "edited_at": message.edited_at,
        "source": "" if deleted else message.source,
        "html": "" if deleted else message.html,
        "user_id": message.user_id,
        "room_id": message.room_id,
        "change": message.change,
        "deleted": deleted,
        "reply_to": message.reply_to,
        "mentions": json.loads(message.mentions) if message.mentions else [],
        "reactions": json.loads(message.reactions) if message.reactions else [],
        "files": json.loads(message.files) if message.files else [],
        "_links": {
            "self": f"/api/messages/{message.id}",
            "user": f"/api/users/{message.user_id}",
        },
    }
