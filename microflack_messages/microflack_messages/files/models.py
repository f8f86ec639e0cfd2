"""What files are in the database."""

from typing import Any

from sqlalchemy import BigInteger, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.dialects.mysql import MEDIUMBLOB
from sqlalchemy.orm import Mapped, mapped_column

from microflack_messages.models import Exact
from microflack_messages.orm import db

# MySQL's BLOB holds 64 kB.
Content = LargeBinary().with_variant(MEDIUMBLOB(), "mysql")


class File(db.Model):  # type: ignore[name-defined]
    """A file. Times are Unix seconds, sizes bytes."""

    __tablename__ = "files"
    __table_args__ = (
        UniqueConstraint("key", name="uq_files_key"),
        Index("ix_files_room_id", "room_id"),
        Index("ix_files_message_id", "message_id"),
        Index("ix_files_user_id", "user_id"),
        Index("ix_files_expires_at", "expires_at"),
        {"mysql_default_charset": "utf8mb4"},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    # What nobody can guess: it is in its URL, and what its content is stored under.
    key: Mapped[str] = mapped_column(Exact)
    room_id: Mapped[int]
    user_id: Mapped[int] = mapped_column(BigInteger)
    # The message that it was sent with.
    message_id: Mapped[int | None]
    created_at: Mapped[int] = mapped_column(BigInteger)
    # When it goes: it was not sent until then, or its message was deleted.
    expires_at: Mapped[int | None] = mapped_column(BigInteger)
    # When all of it was there; before, there may be a part of it.
    stored_at: Mapped[int | None] = mapped_column(BigInteger)
    # Which store has its content.
    store: Mapped[str] = mapped_column(String(16))
    name: Mapped[str] = mapped_column(String(255))
    type: Mapped[str] = mapped_column(String(100))
    size: Mapped[int] = mapped_column(BigInteger)
    # Of a picture, in pixels, as it is shown.
    width: Mapped[int | None]
    height: Mapped[int | None]
    thumbnail_size: Mapped[int | None]


class FileChunk(db.Model):  # type: ignore[name-defined]
    """A piece of what is kept in the database."""

    __tablename__ = "file_chunks"
    __table_args__ = ({"mysql_default_charset": "utf8mb4"},)

    key: Mapped[str] = mapped_column(Exact, primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    data: Mapped[bytes] = mapped_column(Content)


def to_dict(file: Any) -> dict[str, Any]:
    """Return a file, a model or a row of its columns, as the API shows it."""
    url = f"/api/rooms/{file.room_id}/files/{file.key}"
    shown = {"id": file.id, "name": file.name, "type": file.type, "size": file.size}
    if file.width is not None:
        shown |= {"width": file.width, "height": file.height}
    shown["url"] = url
    if file.thumbnail_size is not None:
        shown["thumbnail_url"] = f"{url}/thumbnail"
    return shown
