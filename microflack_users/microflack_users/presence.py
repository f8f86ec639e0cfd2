"""Who has gone, and who has changed lately."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, CursorResult, Row, select, update

from microflack_users import models
from microflack_users.models import COLUMNS, User, db


def note_seen(seen: Mapping[int, int]) -> None:
    """Write down signs of life: Unix seconds by user id."""
    for user_id, moment in seen.items():
        known = (User.id == user_id) & (User.last_seen_at < moment)
        db.session.execute(update(User).where(known).values(last_seen_at=moment))
    db.session.commit()


def sweep() -> list[Row[Any]]:
    """Set everybody offline who was silent for OFFLINE_AFTER seconds; return them."""
    moment = models.now()
    silent = User.online.is_(True) & (
        User.last_seen_at <= moment - models.OFFLINE_AFTER
    )
    gone = [
        user_id
        for user_id in db.session.scalars(select(User.id).where(silent))
        if _sweep_one(user_id, silent, moment)
    ]
    if not gone:
        return []
    db.session.commit()
    return list(db.session.execute(select(*COLUMNS).where(User.id.in_(gone))))


def _sweep_one(user_id: int, silent: ColumnElement[bool], moment: int) -> bool:
    # Of several instances that sweep, one finds the user still online.
    change = update(User).where(User.id == user_id, silent)
    found: CursorResult[Any] = db.session.execute(  # type: ignore[assignment]
        change.values(online=False, updated_at=moment)
    )
    return bool(found.rowcount)


def changed_lately(seconds: int, limit: int) -> list[Row[Any]]:
    """Return the users that changed in the last seconds, newest first."""
    recent = select(*COLUMNS).where(User.updated_at >= models.now() - seconds)
    recent = recent.order_by(User.updated_at.desc()).limit(limit)
    return list(db.session.execute(recent))
