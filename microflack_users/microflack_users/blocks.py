"""Whom people have blocked: their page does not show what these write.

Nobody else knows of it, not even who is blocked: they go on as before. Only services
may ask in a user's place, to leave out what those write.
"""

from typing import Any

from sqlalchemy import BigInteger, delete, func, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column

from microflack_common import audience, push
from microflack_users.models import db, now

MOST = 1000


class Block(db.Model):  # type: ignore[name-defined]
    """That somebody has blocked somebody."""

    __tablename__ = "blocks"

    user_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    blocked_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    # Unix seconds
    since: Mapped[int] = mapped_column(BigInteger)


def listed(user_id: int) -> list[dict[str, Any]]:
    """Return whom somebody has blocked, as the API shows it, the first one first."""
    query = select(Block).where(Block.user_id == user_id)
    found = db.session.scalars(query.order_by(Block.since, Block.blocked_id))
    return [{"user_id": one.blocked_id, "blocked_at": one.since} for one in found]


class TooManyBlocked(Exception):
    """Raised for who has blocked as many as one may."""


def add(user_id: int, blocked_id: int) -> None:
    """Block somebody; nothing happens if that was so. Raises TooManyBlocked."""
    if db.session.get(Block, (user_id, blocked_id)):
        return
    count = select(func.count()).where(Block.user_id == user_id)
    if (db.session.scalar(count) or 0) >= MOST:
        raise TooManyBlocked
    db.session.add(Block(user_id=user_id, blocked_id=blocked_id, since=now()))
    try:
        db.session.commit()
    except IntegrityError:
        # Another request has just done the same.
        db.session.rollback()
    _tell(user_id)


def remove(user_id: int, blocked_id: int) -> None:
    """Block somebody no more; nothing happens if that was so."""
    of_it = Block.user_id == user_id, Block.blocked_id == blocked_id
    db.session.execute(delete(Block).where(*of_it))
    db.session.commit()
    _tell(user_id)


def forget(user_id: int) -> None:
    """Remove all that is about somebody, in this transaction."""
    about = or_(Block.user_id == user_id, Block.blocked_id == user_id)
    db.session.execute(delete(Block).where(about))


def _tell(user_id: int) -> None:
    """Tell the other clients of the same user."""
    ids = [one["user_id"] for one in listed(user_id)]
    model = {"id": user_id, "user_ids": ids}
    push.updated_model("Blocked", model, audience=audience.user(user_id))
