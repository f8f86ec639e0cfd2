"""The items."""

import time
from typing import Any

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import BigInteger, String, delete, select
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

MAX_TEXT_CHARACTERS = 500


class Base(DeclarativeBase):
    """The base of the service's models."""


db = SQLAlchemy(model_class=Base)


class Item(db.Model):  # type: ignore[name-defined]
    """A short text that somebody has written; times are Unix seconds."""

    __tablename__ = "items"

    id: Mapped[int] = mapped_column(primary_key=True)
    created_at: Mapped[int] = mapped_column(BigInteger)
    user_id: Mapped[int]
    text: Mapped[str] = mapped_column(String(MAX_TEXT_CHARACTERS))

    def to_dict(self) -> dict[str, Any]:
        """Return it as the API shows it."""
        return {
            "id": self.id,
            "created_at": self.created_at,
            "user_id": self.user_id,
            "text": self.text,
        }


def newest(before_id: int | None, limit: int) -> list[Item]:
    """Return the newest items, those before an item if its id is given."""
    query = select(Item).order_by(Item.id.desc()).limit(limit)
    if before_id is not None:
        query = query.where(Item.id < before_id)
    return list(db.session.scalars(query))


def find(item_id: int) -> Item | None:
    """Return an item, or None if there is none of this id."""
    return db.session.get(Item, item_id)


def add(user_id: int, text: str) -> Item:
    """Store a new item of a user, and return it."""
    item = Item(created_at=int(time.time()), user_id=user_id, text=text)
    db.session.add(item)
    db.session.commit()
    return item


def remove(item: Item) -> None:
    """Delete an item."""
    db.session.execute(delete(Item).where(Item.id == item.id))
    db.session.commit()
