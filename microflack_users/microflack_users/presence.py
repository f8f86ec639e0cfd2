"""Who is online: signs of life are noticed at every request and written down rarely."""

import logging
import threading
import time
from collections.abc import Collection, Mapping
from typing import Any

from flask import Flask, current_app
from sqlalchemy import ColumnElement, CursorResult, select, update
from sqlalchemy.exc import SQLAlchemyError

from microflack_common.outage import Outage
from microflack_common.within_requests import periodically
from microflack_common.workers import PeriodicTask
from microflack_users import events
from microflack_users.models import User, db, now

logger = logging.getLogger(__name__)

# Who gives no sign of life that long is offline.
OFFLINE_AFTER_SECONDS = 60
# Of one user, a sign of life is written down that often at most.
RECORD_PERIOD_SECONDS = 15
# Between two looks for users who are idle.
LOOK_PERIOD_SECONDS = 1.0
# So many users are remembered before those of long ago are forgotten.
MAX_REMEMBERED = 10_000


class ActivityTracker:
    """What this instance remembers, so that most requests write nothing."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        # When a user's activity was last written down, and signs of life since then
        # (Unix seconds) that wait until it may be written again.
        self._written: dict[int, float] = {}
        self._waiting: dict[int, int] = {}

    def record_activity(self, user_id: int) -> None:
        """Note a sign of life of this user."""
        moment = time.monotonic()
        with self._lock:
            if not self._may_write(user_id, moment):
                self._waiting[user_id] = now()
                return
            self._forget_old(moment)
            self._waiting.pop(user_id, None)
            self._written[user_id] = moment
        try:
            _, became_online = set_online(user_id)
            if became_online:
                events.changed(user_id)
        except SQLAlchemyError as error:
            # The request itself is answered; the next sign of life will do.
            db.session.rollback()
            self.forget(user_id)
            logger.warning("A sign of life is lost: %s", type(error).__name__)

    def forget(self, user_id: int) -> None:
        """Let the next sign of life of this user be written down."""
        with self._lock:
            self._written.pop(user_id, None)
            self._waiting.pop(user_id, None)

    def pop_due_activity(self) -> dict[int, int]:
        """Return the signs of life to write down now: Unix seconds by user id."""
        moment = time.monotonic()
        with self._lock:
            due = {
                user_id: seen
                for user_id, seen in self._waiting.items()
                if self._may_write(user_id, moment)
            }
            for user_id in due:
                del self._waiting[user_id]
                self._written[user_id] = moment
        return due

    def _may_write(self, user_id: int, moment: float) -> bool:
        return moment - self._written.get(user_id, -1e9) >= RECORD_PERIOD_SECONDS

    def _forget_old(self, moment: float) -> None:
        if len(self._written) > MAX_REMEMBERED:
            limit = moment - RECORD_PERIOD_SECONDS
            self._written = {k: t for k, t in self._written.items() if t > limit}


def init_app(app: Flask) -> None:
    """Have ``app`` remember who was active, and notice who is idle."""
    app.extensions["microflack_presence"] = ActivityTracker()
    task = app.extensions["microflack_presence_task"] = PeriodicTask(
        "presence",
        lambda: _look(app),
        LOOK_PERIOD_SECONDS,
        Outage(
            "Who is idle goes unnoticed",
            "Who is idle is noticed again",
            SQLAlchemyError,
        ),
    )
    periodically(app, task)


def activity_tracker() -> ActivityTracker:
    """Return the memory of the application that handles the request."""
    tracker: ActivityTracker = current_app.extensions["microflack_presence"]
    return tracker


def set_online(user_id: int) -> tuple[User | None, bool]:
    """Write down a sign of life; return the user, and whether it became online.

    None is returned if there is no such user any more, or it was deactivated.

    Writes a row only if the user was offline or the last sign is of long enough ago.
    """
    user = db.session.get(User, user_id)
    if user is None or user.deactivated:
        return None, False
    moment = now()
    became_online = not user.online
    if became_online:
        user.online, user.updated_at, user.last_seen_at = True, moment, moment
    elif user.last_seen_at <= moment - RECORD_PERIOD_SECONDS:
        user.last_seen_at = moment
    db.session.commit()
    return user, became_online


def set_offline(user_id: int) -> tuple[User | None, bool]:
    """Mark a user as gone; return the user, and whether it was online."""
    user = db.session.get(User, user_id)
    if user is None or not user.online:
        return user, False
    user.online, user.updated_at = False, now()
    db.session.commit()
    return user, True


def _look(app: Flask) -> None:
    with app.app_context():
        write_activity(activity_tracker().pop_due_activity())
        for user_id in mark_idle_offline():
            events.changed(user_id)


def write_activity(seen: Mapping[int, int]) -> None:
    """Write down signs of life: Unix seconds by user id."""
    _lock(seen)
    for user_id, moment in sorted(seen.items()):
        known = (User.id == user_id) & (User.last_seen_at < moment)
        db.session.execute(update(User).where(known).values(last_seen_at=moment))
    db.session.commit()


def mark_idle_offline() -> list[int]:
    """Set everybody offline who is idle for OFFLINE_AFTER_SECONDS; return their ids."""
    moment = now()
    idle = User.online.is_(True) & (User.last_seen_at <= moment - OFFLINE_AFTER_SECONDS)
    found = db.session.scalars(select(User.id).where(idle)).all()
    _lock(found)
    gone = [user_id for user_id in found if _mark_offline(user_id, idle, moment)]
    db.session.commit()
    return gone


def _lock(user_ids: Collection[int]) -> None:
    """Lock users to the end of this transaction, before the first of them changes.

    The version of all users is locked from the first change on. Who has a user that
    this transaction would go on to, and waits for the version, would wait for ever.
    """
    if user_ids:
        in_order = select(User.id).where(User.id.in_(user_ids)).order_by(User.id)
        db.session.execute(in_order.with_for_update())


def _mark_offline(user_id: int, idle: ColumnElement[bool], moment: int) -> bool:
    # Of several instances that look, one finds the user still online.
    change = update(User).where(User.id == user_id, idle)
    found: CursorResult[Any] = db.session.execute(  # type: ignore[assignment]
        change.values(online=False, updated_at=moment)
    )
    return bool(found.rowcount)
