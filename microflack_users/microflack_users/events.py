"""What everybody is told of users: each change, after it is committed."""

import logging
from typing import Any

from flask import Flask
from sqlalchemy import Row, select
from sqlalchemy.exc import SQLAlchemyError

from microflack_common import push
from microflack_common.audience import EVERYBODY
from microflack_common.lifecycle import at_start
from microflack_users.models import COLUMNS, User, db, now, to_dict

logger = logging.getLogger(__name__)

# How far back and how many changes are looked at for some that were committed but never
# published.
RECENT_SECONDS = 100
RECENT_LIMIT = 500


def init_app(app: Flask) -> None:
    """Have ``app`` publish changes, first of all those that a crash kept back."""
    push.init_app(app)
    # Before the first request, so that nothing newer goes before them.
    at_start(app, lambda: _publish_unpublished(app))


def changed(user: Any, *, if_unpublished: bool = False) -> None:
    """Tell everybody of a user, new or changed, when that is committed."""
    key = f"user-{user.id}-{user.updated_at}-{user.online:d}-{user.nickname}"
    push.updated_model(
        "User",
        to_dict(user),
        audience=EVERYBODY,
        key=key,
        if_unpublished=if_unpublished,
    )


def recent() -> list[Row[Any]]:
    """Return the users that changed a short time ago, newest first."""
    rows = select(*COLUMNS).where(User.updated_at >= now() - RECENT_SECONDS)
    rows = rows.order_by(User.updated_at.desc()).limit(RECENT_LIMIT)
    return list(db.session.execute(rows))


def _publish_unpublished(app: Flask) -> None:
    with app.app_context():
        try:
            users = recent()
        except SQLAlchemyError as error:
            logger.warning("Cannot look for changes: %s", type(error).__name__)
            return
        for user in reversed(users):
            changed(user, if_unpublished=True)
