"""End what browsers have subscribed to together with their sessions.

The registry says for an hour that a session has ended, so this looks more often, and
keeps when it has done so. After a longer time in which no instance ran, nobody knows
which sessions have ended since: then no text is sent before the page was open again.
"""

from collections.abc import Callable, Collection
from functools import partial
from typing import Any

from flask import Flask, current_app
from sqlalchemy import Connection, Row, bindparam, select, update
from sqlalchemy.exc import SQLAlchemyError

from microflack_common.claims import Claims
from microflack_common.errors import ServiceUnavailable
from microflack_common.outage import Outage
from microflack_common.revocation import Revocations
from microflack_common.tokens import LIFETIME_SECONDS
from microflack_common.within_requests import periodically
from microflack_common.workers import PeriodicTask
from microflack_messages import transactions
from microflack_messages.models import db, now
from microflack_messages.web_push import queue, subscriptions
from microflack_messages.web_push.models import PushSubscription

PERIOD_SECONDS = 60.0
# A session lives so long from its last use, which the page tells of when it is open.
MAX_AGE_SECONDS = 30 * 24 * 3600
# Between two notes that a session was good, and after what time without one it may
# have ended: less than a token lives, by what clocks may differ.
NOTE_SECONDS = 600
UNKNOWN_SECONDS = LIFETIME_SECONDS - 60

_UNKNOWN = (
    update(PushSubscription.__table__)
    .where(PushSubscription.checked_at <= bindparam("before"))
    .values(wants_text=False)
)
_NOTE = update(PushSubscription.__table__).where(
    PushSubscription.id.in_(bindparam("ids", expanding=True))
)
_ALL = select(
    PushSubscription.id,
    PushSubscription.user_id,
    PushSubscription.session_id,
    PushSubscription.generation,
    PushSubscription.renewed_at,
    PushSubscription.checked_at,
).order_by(PushSubscription.checked_at)


def init_app(app: Flask) -> None:
    """Have ``app`` look now and then for sessions that have ended."""
    away = (SQLAlchemyError, ServiceUnavailable)
    outage = Outage("Cannot look for ended sessions", "Looking again", away)

    def call() -> None:
        look(app, is_over=lambda: task.wait(0))

    task = PeriodicTask(
        "sessions", call, PERIOD_SECONDS, outage, jitter=0.5, at_once=True
    )
    app.extensions["microflack_web_push_sessions"] = task
    periodically(app, task)


def is_good(subscription: Row[Any]) -> bool:
    """Say whether the session of a subscription has not ended, nor its user's account.

    Raises ServiceUnavailable as long as that cannot be known.
    """
    revocations: Revocations = current_app.extensions["microflack_revocations"]
    session = (subscription.session_id, subscription.generation)
    claims = Claims(subscription.user_id, 0, 0, "", *session)
    return revocations.reason(claims) is None


def look(app: Flask, is_over: Callable[[], bool] = lambda: False) -> None:
    """End the subscriptions of ended sessions; forget what has waited for too long.

    :param is_over: says when the rest is left for the next time: those come first then
        of which it was not known for longest.

    Raises ServiceUnavailable as long as it cannot be known which have ended.
    """
    with app.app_context():
        at = now()
        with db.engine.connect() as connection:
            rows = connection.execute(_ALL).all()
        ended, good = [], []
        for row in rows:
            if row.renewed_at <= at - MAX_AGE_SECONDS or not is_good(row):
                ended.append(row.id)
            elif row.checked_at <= at - NOTE_SECONDS:
                good.append(row.id)
            if is_over():
                break
        if rows:
            transactions.run(partial(_note, at, ended, good))
        queue.forget_old()


def _note(
    at: int, ended: Collection[int], good: Collection[int], connection: Connection
) -> None:
    subscriptions.remove(connection, ended)
    connection.execute(_UNKNOWN, {"before": at - UNKNOWN_SECONDS})
    if good:
        connection.execute(_NOTE.values(checked_at=at), {"ids": good})
