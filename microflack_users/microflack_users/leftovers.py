"""Remove what earlier releases leave of a deleted account: they know nothing of it."""

import logging

from flask import Flask
from sqlalchemy import delete, or_, select
from sqlalchemy.exc import SQLAlchemyError

from microflack_common.lifecycle import at_start
from microflack_users.blocks import Block
from microflack_users.models import User, db
from microflack_users.pictures import Picture

logger = logging.getLogger(__name__)

_GONE = select(User.id).where(User.deleted_at.is_not(None))


def init_app(app: Flask) -> None:
    """Have ``app`` do so at its start."""
    at_start(app, lambda: remove(app))


def remove(app: Flask) -> None:
    """Remove it. What fails waits for the next start: nobody sees it."""
    of_blocks = or_(Block.user_id.in_(_GONE), Block.blocked_id.in_(_GONE))
    with app.app_context():
        try:
            db.session.execute(delete(Picture).where(Picture.user_id.in_(_GONE)))
            db.session.execute(delete(Block).where(of_blocks))
            db.session.commit()
        except SQLAlchemyError as error:
            logger.warning("Something is left: %s", type(error).__name__)
