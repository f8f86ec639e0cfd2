"""The thread that hands changes to Redis, and what Redis remembers of them.

The messages have the format that python-socketio's queues understand: whichever
Socket.IO server listens to the channel hands them on. Needs the extra
``microflack-common[events]``.
"""

import json
import logging
import time
from collections.abc import Collection
from typing import Any, NamedTuple

from redis import RedisError

from microflack_common import published_numbers, redis
from microflack_common.audience import EVERYBODY, Audience
from microflack_common.outage import Outage, backoff
from microflack_common.published_numbers import Number
from microflack_common.traces import Origin
from microflack_common.workers import BatchWorker

logger = logging.getLogger(__name__)

# Flask-SocketIO's own default: what else speaks to it is heard, too.
CHANNEL = "flask-socketio"
# How long Redis keeps the key of what was published: longer than any start takes.
PUBLISHED_SECONDS = 120
# Changes that wait while Redis is away; beyond that the oldest go.
CAPACITY = 5000
BATCH_SIZE = 100
# Changes that come in numbers go together: each call of Redis costs us, Redis and all
# who listen as much as ten changes in one.
PERIOD_SECONDS = 0.005
# Between two tries, growing.
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.1, 2.0
# For receivers that were there before: after a restart of Redis they come a bit later.
RECEIVERS_TIMEOUT_SECONDS = 5.0
# For the last changes when the process ends.
EXIT_TIMEOUT_SECONDS = 2.0
UNREACHABLE = (RedisError, OSError)

# The events that clients hear.
UPDATED, REMOVED = "updated_model", "removed_model"


class Publication(NamedTuple):
    """A change that is to be published, and by what it is known that it was."""

    model_class: str
    # Of one that was removed only its id.
    model: dict[str, Any]
    audience: Audience
    # Names this very change.
    key: str | None = None
    number: Number | None = None
    # Whether an earlier process may have published the change with this key.
    if_unpublished: bool = False
    event: str = UPDATED
    # What leads back to the request that made the change, if that is followed.
    origin: Origin | None = None


class Publisher:
    """Publishes changes in order, in a thread.

    :param address: HOST:PORT of Redis.
    :param capacity: how many changes may wait.
    """

    def __init__(self, address: str, capacity: int = CAPACITY) -> None:
        self._redis = redis.connect(address)
        self._worker = BatchWorker(
            "push",
            self._deliver,
            BATCH_SIZE,
            capacity,
            drop_oldest=True,
            exit_timeout_seconds=EXIT_TIMEOUT_SECONDS,
            period_seconds=PERIOD_SECONDS,
        )
        self._outage = Outage("Redis is away, changes wait", "Redis is back")
        # How many received the last batch, and how many changes were given up so far.
        self._receivers = 0
        self._dropped = 0

    def publish(self, publication: Publication) -> None:
        """Take a change over; it is published as soon as Redis takes it."""
        self._worker.submit(publication)

    def flush(self, timeout_seconds: float) -> bool:
        """Wait until all that came so far is published; False at the timeout."""
        return self._worker.flush(timeout_seconds)

    def unpublished(self, keys: Collection[str]) -> set[str]:
        """Return those of ``keys`` that were not published lately, if that is known.

        While Redis is away that is all of them.
        """
        names = list(keys)
        if not names:
            return set()
        try:
            found: list[Any] = self._redis.mget(map(published_key, names))
        except UNREACHABLE as error:
            logger.warning("It is not known what was published: %s", error)
            return set(names)
        return {name for name, one in zip(names, found, strict=True) if one is None}

    def unpublished_numbers(self, counter: str, last: int) -> list[int]:
        """Return the numbers up to ``last`` that were never published, lowest first.

        See ``published_numbers.unpublished``. While Redis is away there are none.
        """
        try:
            return published_numbers.unpublished(self._redis, counter, last)
        except UNREACHABLE as error:
            logger.warning("It is not known what was published: %s", error)
            return []

    def answers(self) -> None:
        """Return if Redis answers; raise RedisError otherwise."""
        self._redis.ping()

    def _deliver(self, batch: list[Publication]) -> None:
        if count := self._worker.dropped - self._dropped:
            self._dropped += count
            logger.error("%d changes were not published: too many at once", count)
        new = self.unpublished(
            {one.key for one in batch if one.if_unpublished and one.key}
        )
        wanted = [one for one in batch if not one.if_unpublished or one.key in new]
        if not wanted:
            return
        encoded = [_encode(one) for one in wanted]
        receivers = self._send(encoded, wanted)
        if not receivers and self._receivers and self._somebody_receives():
            receivers = self._send(encoded, wanted)
        self._receivers = receivers

    def _send(self, encoded: list[str], publications: list[Publication]) -> int:
        """Publish, however long it takes; return how many received it."""
        pauses = backoff(FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS)
        while True:
            try:
                receivers = self._try(encoded, publications)
            except UNREACHABLE as error:
                self._outage.begin(error)
                time.sleep(next(pauses))
            else:
                self._outage.end()
                return receivers

    def _try(self, encoded: list[str], publications: list[Publication]) -> int:
        # All or nothing: a master that was left by its followers refuses to remember,
        # and must not tell the same again with each try.
        with self._redis.pipeline(transaction=True) as pipeline:
            for text in encoded:
                pipeline.publish(CHANNEL, text)
            for key in (one.key for one in publications if one.key):
                pipeline.set(published_key(key), 1, ex=PUBLISHED_SECONDS)
            published_numbers.mark_published(
                pipeline, (one.number for one in publications if one.number)
            )
            receivers: list[int] = pipeline.execute()[: len(encoded)]
            return min(receivers)

    def _somebody_receives(self) -> bool:
        end = time.monotonic() + RECEIVERS_TIMEOUT_SECONDS
        while time.monotonic() < end:
            try:
                if self._redis.pubsub_numsub(CHANNEL)[0][1]:
                    return True
            except UNREACHABLE:
                # It went away again; sending waits for it.
                return True
            time.sleep(FIRST_PAUSE_SECONDS)
        return False


def published_key(key: str) -> str:
    """Return the key of Redis that says that a change was published."""
    return f"pushed:{key}"


def _encode(publication: Publication) -> str:
    everybody = publication.audience == EVERYBODY
    model = publication.model
    told = {"model": model} if publication.event == UPDATED else model
    message: dict[str, Any] = {
        "method": "emit",
        "event": publication.event,
        "data": [{"class": publication.model_class, **told}],
        "binary": False,
        "namespace": "/",
        "room": None if everybody else publication.audience,
        "skip_sid": None,
        "callback": None,
        "host_id": None,
    }
    if publication.origin:
        message["trace"] = publication.origin
    return json.dumps(message, separators=(",", ":"), default=str)
