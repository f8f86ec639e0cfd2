"""Presence: signs of life are noticed at every request and written down rarely."""

import logging
import threading
import time

from flask import Flask, current_app
from sqlalchemy.exc import SQLAlchemyError

from microflack_users import models

logger = logging.getLogger(__name__)

# Seconds between two looks for users who have gone.
SWEEP_EVERY = 1.0


class Presence:
    """What this instance remembers, so that most requests write nothing."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        # When a user's presence was last written down, and signs of life since then
        # (Unix seconds) that wait until it may be written again.
        self._written: dict[int, float] = {}
        self._waiting: dict[int, int] = {}
        self._swept = 0.0

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
            models.set_online(user_id)
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

    def sweep(self) -> None:
        """Set silent users offline, if that was not done just now."""
        moment = time.monotonic()
        with self._lock:
            if moment - self._swept < SWEEP_EVERY:
                return
            self._swept = moment
            seen = self._take_due(moment)
        models.sweep(seen)

    def _may_write(self, user_id: int, moment: float) -> bool:
        return moment - self._written.get(user_id, -1e9) >= models.TOUCH_EVERY

    def _take_due(self, moment: float) -> dict[int, int]:
        due = {
            user_id: seen
            for user_id, seen in self._waiting.items()
            if self._may_write(user_id, moment)
        }
        for user_id in due:
            del self._waiting[user_id]
            self._written[user_id] = moment
        return due

    def _forget_old(self, moment: float) -> None:
        if len(self._written) > 10_000:
            limit = moment - models.TOUCH_EVERY
            self._written = {k: t for k, t in self._written.items() if t > limit}


def init_app(app: Flask) -> None:
    """Give ``app`` its memory of who was seen."""
    app.extensions["microflack_presence"] = Presence()


def of_this_instance() -> Presence:
    """Return the memory of the application that handles the request."""
    presence: Presence = current_app.extensions["microflack_presence"]
    return presence
