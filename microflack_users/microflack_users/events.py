"""What everybody is told of users: each change, after it is committed."""

import logging
import threading
from typing import Any

from flask import Flask
from sqlalchemy import Row, select
from sqlalchemy.exc import SQLAlchemyError

from microflack_common import push
from microflack_common.background import at_start
from microflack_users.models import COLUMNS, User, db, now, to_dict

logger = logging.getLogger(__name__)

# How far back and how many changes are looked at for some that were committed but never
# published.
RECENT_SECONDS = 100
RECENT_LIMIT = 500


def init_app(app: Flask) -> None:
    """Have ``app`` push changes, first of all those that a crash kept back."""
    push.init_app(app)
    at_start(app, lambda: _heal(app))


def changed(user: Any) -> None:
    """Tell everybody of a user, new or changed, when that is committed."""
    push.updated_model("User", to_dict(user), _change_of(user))


def recent() -> list[Row[Any]]:
    """Return the users that changed a short time ago, newest first."""
    rows = select(*COLUMNS).where(User.updated_at >= now() - RECENT_SECONDS)
    rows = rows.order_by(User.updated_at.desc()).limit(RECENT_LIMIT)
    return list(db.session.execute(rows))


def _change_of(user: Any) -> str:
    return f"user-{user.id}-{user.updated_at}-{user.online:d}-{user.nickname}"


def _heal(app: Flask) -> None:
    """Push what a process that died had committed, but not pushed yet."""
    with app.app_context():
        try:
            # Before the first request, so that nothing of our own is among it.
            rows = recent()
        except SQLAlchemyError as error:
            logger.warning("Cannot look for changes: %s", type(error).__name__)
            return
    threading.Thread(target=_push_missed, args=(app, rows), daemon=True).start()


def _push_missed(app: Flask, rows: list[Row[Any]]) -> None:
    with app.app_context():
        missed = push.missed([_change_of(row) for row in rows])
        for row in reversed(rows):
            if _change_of(row) in missed:
                changed(row)
