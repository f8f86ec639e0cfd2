"""Whose nicknames are: looks are claimed, and held for a while when they are given up.

Accounts of earlier releases claim theirs as soon as this release looks at them. Of two
that look alike already the first one has the claim, and both keep their nicknames.
"""

import logging
from collections.abc import Sequence

from flask import Flask
from sqlalchemy import BigInteger, Row, String, or_, select, update
from sqlalchemy.exc import IntegrityError, SQLAlchemyError
from sqlalchemy.orm import Mapped, mapped_column

from microflack_common.outage import Outage
from microflack_common.within_requests import periodically
from microflack_common.workers import PeriodicTask
from microflack_users.models import User, db, now
from microflack_users.nicknames import HELD_SECONDS, comparison_keys

logger = logging.getLogger(__name__)

BATCH_SIZE = 500
# Between two looks for accounts without a claim.
LOOK_PERIOD_SECONDS = 2.0


class NameClaim(db.Model):  # type: ignore[name-defined]
    """That a user has what a nickname looks like."""

    __tablename__ = "name_claims"

    look: Mapped[str] = mapped_column(String(32), primary_key=True)
    user_id: Mapped[int] = mapped_column(index=True)
    # Unix seconds from which on anybody may have it; None as long as it is in use.
    free_at: Mapped[int | None] = mapped_column(BigInteger)


class NameTaken(Exception):
    """Raised when somebody else has a nickname that looks like the wanted one."""


def claim(user_id: int, nickname: str) -> None:
    """Give a user a nickname, and hold what it had before, in this transaction.

    Raises NameTaken, after which the transaction has to be rolled back.
    """
    wanted = comparison_keys(nickname)
    # In one order: two who want the same would wait for each other.
    for look in sorted(wanted):
        may_have = or_(NameClaim.user_id == user_id, NameClaim.free_at <= now())
        take = update(NameClaim).where(NameClaim.look == look, may_have)
        taken = db.session.execute(take.values(user_id=user_id, free_at=None))
        if not taken.rowcount:  # type: ignore[attr-defined]
            db.session.add(NameClaim(look=look, user_id=user_id))
    try:
        db.session.flush()
    except IntegrityError as error:
        raise NameTaken from error
    release(user_id, NameClaim.look.not_in(wanted))


def release(user_id: int, *which: object) -> None:
    """Hold a user's nicknames, in this transaction: later they are free for others."""
    given_up = update(NameClaim).where(
        NameClaim.user_id == user_id,
        NameClaim.free_at.is_(None),
        *which,  # type: ignore[arg-type]
    )
    db.session.execute(given_up.values(free_at=now() + HELD_SECONDS))


class Adoption:
    """Claims nicknames for accounts that earlier releases have made."""

    def __init__(self) -> None:
        self._last_id = 0

    def adopt(self) -> None:
        """Go on until the newest account."""
        query = select(User.id, User.nickname).where(User.deleted_at.is_(None))
        query = query.order_by(User.id).limit(BATCH_SIZE)
        while rows := db.session.execute(query.where(User.id > self._last_id)).all():
            _adopt(rows)
            self._last_id = rows[-1].id


def _adopt(users: Sequence[Row[tuple[int, str]]]) -> None:
    ids = [user.id for user in users]
    claimed = select(NameClaim.user_id).where(NameClaim.user_id.in_(ids))
    known = set(db.session.scalars(claimed))
    for user_id, nickname in users:
        if user_id in known:
            continue
        try:
            claim(user_id, nickname)
        except NameTaken:
            db.session.rollback()
        else:
            db.session.commit()
    db.session.rollback()


def init_app(app: Flask) -> None:
    """Have ``app`` look after the accounts of earlier releases."""
    adoption = Adoption()

    def look() -> None:
        with app.app_context():
            adoption.adopt()

    outage = Outage("Nicknames wait", "Nicknames are claimed", SQLAlchemyError)
    task = PeriodicTask(
        "name-claims", look, LOOK_PERIOD_SECONDS, outage, jitter=0.5, at_once=True
    )
    app.extensions["microflack_name_claims"] = task
    periodically(app, task)
