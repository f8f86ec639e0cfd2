"""What everybody is told of users: each change, after it is committed.

Of one user there is at most one event in a second, whichever instances write. Who
changes again within that time is told of when it is over, as they are then: people
whose connection comes and goes do not keep everybody else busy.
"""

import atexit
import logging
import threading
from collections.abc import Collection
from typing import Any

from flask import Flask, current_app
from redis import RedisError
from sqlalchemy import Row, select
from sqlalchemy.exc import SQLAlchemyError

from microflack_common import push, redis
from microflack_common.audience import EVERYBODY
from microflack_common.lifecycle import at_start
from microflack_common.outage import Outage
from microflack_common.publisher import Publisher
from microflack_common.within_requests import before_answers
from microflack_common.workers import BatchWorker
from microflack_users.models import COLUMNS, User, db, now, to_dict

logger = logging.getLogger(__name__)

PERIOD_SECONDS = 1.0
BATCH_SIZE = 500
# Changes that wait to be told: more than there are at once, a few bytes each.
CAPACITY = 100_000
# For the last changes when the process ends.
EXIT_TIMEOUT_SECONDS = 2.0
# How far back and how many changes are looked at for some that were committed but never
# published.
RECENT_SECONDS = 100
RECENT_LIMIT = 500

_USERS = select(*COLUMNS)


class UserEvents:
    """Publishes users that have changed, as they are when it is their turn.

    :param period_seconds: of one user there is one event in that time.
    """

    def __init__(self, app: Flask, period_seconds: float = PERIOD_SECONDS) -> None:
        self._app = app
        self._period = period_seconds
        self._redis = redis.connect(app.config["REDIS"])
        self._worker = BatchWorker("user-events", self._publish, BATCH_SIZE, CAPACITY)
        self._outage = Outage("Changes of users wait", "Changes of users go on")
        self._lock = threading.Lock()
        # Users who were told of a moment ago, or cannot be told of yet.
        self._later: set[int] = set()

    def changed(self, user_id: int) -> None:
        """Tell everybody of a user soon."""
        self._worker.submit(user_id)

    def flush(self, timeout_seconds: float) -> bool:
        """Wait until all who came were told of or wait for their turn; False if not."""
        return self._worker.flush(timeout_seconds)

    def stop(self) -> None:
        """Tell at once of all who wait, since the process ends or is frozen."""
        publisher: Publisher = self._app.extensions["microflack_push"]
        self.flush(EXIT_TIMEOUT_SECONDS)
        try:
            self._tell(self._take_later())
        except SQLAlchemyError as error:
            logger.warning("Not told at the end: %s", type(error).__name__)
        publisher.flush(EXIT_TIMEOUT_SECONDS)

    def _publish(self, user_ids: list[int]) -> None:
        waiting = set(user_ids)
        try:
            due = self._claim(waiting)
            self._tell(due)
        except (RedisError, OSError, SQLAlchemyError) as error:
            self._outage.begin(error)
        else:
            self._outage.end()
            waiting -= due
        if waiting:
            self._publish_later(waiting)

    def _claim(self, user_ids: Collection[int]) -> set[int]:
        """Return those of whom nobody has told in this period; now they are ours."""
        milliseconds = int(self._period * 1000)
        with self._redis.pipeline(transaction=False) as pipeline:
            for user_id in user_ids:
                pipeline.set(f"user-told:{user_id}", 1, px=milliseconds, nx=True)
            claimed = zip(user_ids, pipeline.execute(), strict=True)
            return {user_id for user_id, is_ours in claimed if is_ours}

    def _tell(self, user_ids: Collection[int]) -> None:
        if user_ids:
            with self._app.app_context():
                for user in db.session.execute(_USERS.where(User.id.in_(user_ids))):
                    _push(user)

    def _publish_later(self, user_ids: set[int]) -> None:
        with self._lock:
            is_set = bool(self._later)
            self._later |= user_ids
        if not is_set:
            timer = threading.Timer(self._period, self._submit_later)
            timer.daemon = True
            timer.start()

    def _submit_later(self) -> None:
        for user_id in self._take_later():
            self._worker.submit(user_id)

    def _take_later(self) -> set[int]:
        with self._lock:
            later, self._later = self._later, set()
        return later


def init_app(app: Flask) -> None:
    """Have ``app`` publish changes, first of all those that a crash kept back."""
    push.init_app(app)
    events = UserEvents(app) if app.config["REDIS"] else None
    app.extensions["microflack_user_events"] = events
    if events:
        at_start(app, lambda: atexit.register(events.stop))
        # Before the first request, so that nothing newer goes before them.
        at_start(app, lambda: _publish_unpublished(app))
        before_answers(app, events.stop)


def changed(user_id: int) -> None:
    """Tell everybody of a user, new or changed, when that is committed."""
    events: UserEvents | None = current_app.extensions["microflack_user_events"]
    if events:
        events.changed(user_id)


def _push(user: Row[Any], *, if_unpublished: bool = False) -> None:
    flags = f"{user.online:d}{user.admin:d}{user.deactivated:d}"
    key = f"user-{user.id}-{user.updated_at}-{flags}-{user.nickname}"
    if user.picture:
        key += f":{user.picture}"
    push.updated_model(
        "User",
        to_dict(user),
        audience=EVERYBODY,
        key=key,
        if_unpublished=if_unpublished,
    )


def _publish_unpublished(app: Flask) -> None:
    with app.app_context():
        try:
            rows = _USERS.where(User.updated_at >= now() - RECENT_SECONDS)
            newest_first = rows.order_by(User.updated_at.desc()).limit(RECENT_LIMIT)
            users = db.session.execute(newest_first).all()
        except SQLAlchemyError as error:
            logger.warning("Cannot look for changes: %s", type(error).__name__)
            return
        for user in reversed(users):
            _push(user, if_unpublished=True)
