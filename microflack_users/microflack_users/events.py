"""Presence, and what everybody is told of it.

Signs of life are noticed at every request and written down rarely.
"""

import logging
import threading
import time
from typing import Any

from flask import Flask, current_app
from sqlalchemy import Row
from sqlalchemy.exc import SQLAlchemyError

from microflack_common import push
from microflack_common.background import at_start
from microflack_users import models, presence

logger = logging.getLogger(__name__)

# Seconds between two looks for users who have gone.
SWEEP_EVERY = 1.0
# How far back (seconds) and how many changes are looked at for some that were committed
# but never pushed.
MISSED_PERIOD = 100
MISSED_LIMIT = 500


class Presence:
    """What this instance remembers, so that most requests write nothing."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        # When a user's presence was last written down, and signs of life since then
        # (Unix seconds) that wait until it may be written again.
        self._written: dict[int, float] = {}
        self._waiting: dict[int, int] = {}

    def touch(self, user_id: int) -> None:
        """Note a sign of life of this user."""
        moment = time.monotonic()
        with self._lock:
            if not self._may_write(user_id, moment):
                self._waiting[user_id] = models.now()
                return
            self._forget_old(moment)
            self._waiting.pop(user_id, None)
            self._written[user_id] = moment
        try:
            user, came = models.set_online(user_id)
            if came:
                changed(user)
        except SQLAlchemyError as error:
            # The request itself is answered; the next sign of life will do.
            models.db.session.rollback()
            self.forget(user_id)
            logger.warning("A sign of life is lost: %s", type(error).__name__)

    def forget(self, user_id: int) -> None:
        """Let the next sign of life of this user be written down."""
        with self._lock:
            self._written.pop(user_id, None)
            self._waiting.pop(user_id, None)

    def take_due(self) -> dict[int, int]:
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
        return moment - self._written.get(user_id, -1e9) >= models.TOUCH_EVERY

    def _forget_old(self, moment: float) -> None:
        if len(self._written) > 10_000:
            limit = moment - models.TOUCH_EVERY
            self._written = {k: t for k, t in self._written.items() if t > limit}


class Sweeper(threading.Thread):
    """Notices, every second, who has been silent for too long."""

    def __init__(self, app: Flask) -> None:
        super().__init__(name="sweeper", daemon=True)
        self._app = app
        self._stopped = threading.Event()

    def run(self) -> None:
        """Sweep until told to stop."""
        well = True
        while not self._stopped.wait(SWEEP_EVERY):
            with self._app.app_context():
                try:
                    _sweep()
                    well = True
                except SQLAlchemyError as error:
                    name = type(error).__name__
                    if well:
                        logger.warning("Silence goes unnoticed: %s", name)
                    well = False

    def stop(self) -> None:
        """End it, and wait until it has ended."""
        self._stopped.set()
        if self.is_alive():
            self.join()


def init_app(app: Flask) -> None:
    """Have ``app`` remember who was seen, notice who has gone, and push changes."""
    app.extensions["microflack_presence"] = Presence()
    push.init_app(app)
    at_start(app, lambda: _heal(app))
    sweeper = app.extensions["microflack_sweeper"] = Sweeper(app)
    at_start(app, sweeper.start)


def of_this_instance() -> Presence:
    """Return the memory of the application that handles the request."""
    presence: Presence = current_app.extensions["microflack_presence"]
    return presence


def changed(user: Any) -> None:
    """Tell everybody of a user, new or changed, when that is committed."""
    push.updated_model("User", models.to_dict(user), _change_of(user))


def _change_of(user: Any) -> str:
    return f"user-{user.id}-{user.updated_at}-{user.online:d}-{user.nickname}"


def _sweep() -> None:
    presence.note_seen(of_this_instance().take_due())
    for user in presence.sweep():
        changed(user)


def _heal(app: Flask) -> None:
    """Push what a process that died had committed, but not pushed yet."""
    with app.app_context():
        try:
            # Before the first request, so that nothing of our own is among it.
            rows = presence.changed_lately(MISSED_PERIOD, MISSED_LIMIT)
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
