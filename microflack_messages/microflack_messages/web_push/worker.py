"""Push in the background: nobody waits for a push service."""

import time
from collections.abc import Collection
from functools import partial
from random import uniform
from typing import Any

from flask import Flask
from sqlalchemy import Row, bindparam, select
from sqlalchemy.exc import SQLAlchemyError

from microflack_common.errors import ServiceUnavailable
from microflack_common.outage import Outage
from microflack_common.workers import BatchWorker, PeriodicTask
from microflack_messages import transactions
from microflack_messages.models import db
from microflack_messages.web_push import calls, queue, sessions, subscriptions
from microflack_messages.web_push.blocked import blocked_by
from microflack_messages.web_push.delivery import Answer, Delivery, Outcome, Target
from microflack_messages.web_push.models import PushSubscription
from microflack_messages.web_push.payload import payload_of

# Between two looks for what is due.
PERIOD_SECONDS = 2.0
# How many subscriptions are sent to at the same time, and may wait for that.
THREADS, CAPACITY = 4, 100
# So long it goes on with one subscription, while the others wait.
TURN_SECONDS = 20.0
# More than one attempt may take.
FLUSH_TIMEOUT_SECONDS = 6.0
# After a failure, and after many.
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 10, 3600
MAX_DOUBLINGS = 10
AWAY = (SQLAlchemyError, ServiceUnavailable)

_FIND = select(PushSubscription.__table__).where(
    PushSubscription.id == bindparam("subscription_id")
)


class WebPushWorker:
    """Looks for what is due, and sends it.

    :param period_seconds: between two looks.
    """

    def __init__(
        self, app: Flask, delivery: Delivery, *, period_seconds: float = PERIOD_SECONDS
    ) -> None:
        self._app = app
        self._delivery = delivery
        self._outage = Outage("Web push has to wait", "Web push goes on", AWAY)
        #: Looks for what is due.
        self.looks = PeriodicTask(
            "web-push", self._look, period_seconds, self._outage, jitter=0.5
        )
        self._worker = BatchWorker(
            "web-push-sender", self._send_some, 1, CAPACITY, threads=THREADS
        )

    def start(self) -> None:
        """Begin to look for what is due."""
        self.looks.start()

    def stop(self) -> None:
        """Look for no more, and end when what is under way is done."""
        self.looks.stop()
        self._worker.stop()

    def flush(self) -> None:
        """Wait until what is due is sent, but not too long: the rest is found again."""
        self._worker.flush(FLUSH_TIMEOUT_SECONDS)

    def _look(self) -> None:
        with self._app.app_context():
            queue.settle_due()
            for one in queue.ready():
                # Who finds no place is found again.
                self._worker.submit(one)

    def _send_some(self, batch: list[Row[Any]]) -> None:
        for one in batch:
            with self._app.app_context():
                try:
                    if queue.claim(one.id, one.next_at):
                        self._send_to(one.id)
                except AWAY as error:
                    # It is still in the database, and is found there.
                    self._outage.begin(error)

    def _send_to(self, subscription_id: int) -> None:
        """Send what waits for a subscription, which is claimed."""
        subscription = _find(subscription_id)
        if subscription is None or not sessions.is_good(subscription):
            _end(subscription_id)
            return
        blocked = blocked_by(subscription.user_id)
        end = time.monotonic() + TURN_SECONDS
        for push in queue.waiting(subscription_id):
            answer = self._send(subscription, push, blocked)
            if answer.outcome == Outcome.GONE:
                _end(subscription_id)
                return
            if answer.outcome == Outcome.LATER:
                _pause(subscription, answer)
                return
            queue.done(push.id)
            if time.monotonic() > end:
                break
        queue.release(subscription_id, 0, failures=0)

    def _send(
        self, subscription: Row[Any], push: Row[Any], blocked: Collection[int]
    ) -> Answer:
        """Tell of a message, if it still calls this person, who wants to hear of it."""
        call = calls.call_of(push)
        if call is None or subscription.user_id not in call.kinds:
            return Answer(Outcome.SENT)
        if call.message.user_id in blocked:
            return Answer(Outcome.SENT)
        with_text = bool(subscription.wants_text)
        text = payload_of(call, subscription.user_id, with_text)
        target = Target(*(getattr(subscription, name) for name in Target._fields))
        return self._delivery.send(target, text, f"room-{call.message.room_id}")


def _find(subscription_id: int) -> Row[Any] | None:
    with db.engine.connect() as connection:
        found = connection.execute(_FIND, {"subscription_id": subscription_id})
        return found.one_or_none()


def _end(subscription_id: int) -> None:
    transactions.run(partial(subscriptions.remove, ids=[subscription_id]))


def _pause(subscription: Row[Any], answer: Answer) -> None:
    longest = FIRST_PAUSE_SECONDS * 2 ** min(subscription.failures, MAX_DOUBLINGS)
    pause = max(answer.retry_after_seconds, int(uniform(longest / 2, longest)))
    pause = min(pause, LONGEST_PAUSE_SECONDS)
    queue.release(subscription.id, pause, subscription.failures + 1)
