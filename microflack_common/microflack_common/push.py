"""Publish changes to all connected clients, through Redis, after they are committed.

The messages have the format that python-socketio's queues understand: whichever
Socket.IO server listens to the channel hands them on. Needs the extra
``microflack-common[events]``.

Redis keeps for a while which changes were published. A service that died between a
commit and its publication finds them when it starts, and publishes them: clients take
what they have already seen without harm.
"""

import json
import logging
import time
from collections.abc import Collection
from typing import Any, NamedTuple

from flask import Flask, current_app
from redis import RedisError

from microflack_common import redis
from microflack_common.outage import Outage, backoff
from microflack_common.workers import BatchWorker

logger = logging.getLogger(__name__)

# Flask-SocketIO's own default: what else speaks to it is heard, too.
CHANNEL = "flask-socketio"
# How long Redis keeps what was published: longer than any start takes.
PUBLISHED_SECONDS = 120
# Changes that wait while Redis is away; beyond that the oldest go.
CAPACITY = 5000
BATCH_SIZE = 100
# Between two tries, growing.
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.1, 2.0
# For receivers that were there before: after a restart of Redis they come a bit later.
RECEIVERS_TIMEOUT_SECONDS = 5.0
# For the last changes when the process ends.
EXIT_TIMEOUT_SECONDS = 2.0
UNREACHABLE = (RedisError, OSError)


class Publication(NamedTuple):
    """A change that is to be published, and a key that names this very change."""

    model_class: str
    model: dict[str, Any]
    key: str
    # Whether an earlier process may have published it.
    if_unpublished: bool = False


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

    def answers(self) -> None:
        """Return if Redis answers; raise RedisError otherwise."""
        self._redis.ping()

    def _deliver(self, batch: list[Publication]) -> None:
        if count := self._worker.dropped - self._dropped:
            self._dropped += count
            logger.error("%d changes were not published: too many at once", count)
        new = self.unpublished({one.key for one in batch if one.if_unpublished})
        wanted = [one for one in batch if not one.if_unpublished or one.key in new]
        encoded = [(_encode(one), one.key) for one in wanted]
        if not encoded:
            return
        receivers = self._send(encoded)
        if not receivers and self._receivers and self._somebody_receives():
            receivers = self._send(encoded)
        self._receivers = receivers

    def _send(self, encoded: list[tuple[str, str]]) -> int:
        """Publish, however long it takes; return how many received it."""
        pauses = backoff(FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS)
        while True:
            try:
                receivers = self._try(encoded)
            except UNREACHABLE as error:
                self._outage.begin(error)
                time.sleep(next(pauses))
            else:
                self._outage.end()
                return receivers

    def _try(self, encoded: list[tuple[str, str]]) -> int:
        with self._redis.pipeline(transaction=False) as pipeline:
            for text, key in encoded:
                pipeline.publish(CHANNEL, text)
                pipeline.set(published_key(key), 1, ex=PUBLISHED_SECONDS)
            receivers: list[int] = pipeline.execute()[::2]
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
    message = {
        "method": "emit",
        "event": "updated_model",
        "data": [{"class": publication.model_class, "model": publication.model}],
        "binary": False,
        "namespace": "/",
        "room": None,
        "skip_sid": None,
        "callback": None,
        "host_id": None,
    }
    return json.dumps(message, separators=(",", ":"), default=str)


def init_app(app: Flask) -> None:
    """Let ``app`` publish to the Redis that its setting REDIS names, if any."""
    address = app.config.get("REDIS")
    app.extensions["microflack_push"] = Publisher(address) if address else None


def updated_model(
    model_class: str, model: dict[str, Any], key: str, *, if_unpublished: bool = False
) -> None:
    """Tell all clients that a model is new or changed. Call it after the commit.

    It returns at once and never fails.

    :param model_class: ``User`` or ``Message``.
    :param model: what the API shows of it; it must not be changed any more.
    :param key: a name of this very change.
    :param if_unpublished: leave out a change that was published lately: for a service
        that starts, and may have died between a commit and its publication.
    """
    if publisher := _publisher():
        publisher.publish(Publication(model_class, model, key, if_unpublished))


def answers(app: Flask) -> None:
    """Return if the Redis of ``app`` answers; raise what its client does otherwise."""
    publisher: Publisher | None = app.extensions["microflack_push"]
    if publisher:
        publisher.answers()


def _publisher() -> Publisher | None:
    publisher: Publisher | None = current_app.extensions["microflack_push"]
    return publisher
