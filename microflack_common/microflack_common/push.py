"""Push changes to all connected clients, through Redis, after they are committed.

The messages have the format that python-socketio's queues understand: whichever
Socket.IO server listens to the channel hands them on. Needs the extra
``microflack-common[events]``.

A push leaves a mark in Redis for a while. A service that died between a commit and its
push finds out by ``missed`` when it starts, and pushes again: clients take what they
have already seen without harm.
"""

import atexit
import json
import logging
import random
import threading
import time
from collections import deque
from collections.abc import Collection
from typing import Any

from flask import Flask, current_app
from redis import Redis, RedisError
from redis.backoff import NoBackoff
from redis.retry import Retry

logger = logging.getLogger(__name__)

# Flask-SocketIO's own default: what else speaks to it is heard, too.
CHANNEL = "flask-socketio"
# Seconds that a mark is kept: longer than any start takes.
MARKED = 120
# Changes that wait while Redis is away; beyond that the oldest go.
WAITING = 5000
BATCH = 100
# Seconds between two tries, growing, with jitter.
FIRST_PAUSE, LONGEST_PAUSE = 0.1, 2.0
# Seconds to wait for listeners that were there before: after a restart of Redis they
# are a moment later than we are.
PATIENCE = 5.0
# Seconds that the last changes have when the process ends.
FAREWELL = 2.0


def connect(address: str) -> "Redis":
    """Return a client for the Redis at HOST:PORT that tells of every failure at once.

    It connects at its first use.
    """
    host, _, port = address.rpartition(":")
    return Redis(
        host=host,
        port=int(port),
        # What a silent server costs at most.
        socket_connect_timeout=2,
        socket_timeout=2,
        retry=Retry(NoBackoff(), 0),
        protocol=2,
    )


class Pusher:
    """Hands changes over to one thread, which pushes them in order."""

    def __init__(self, address: str) -> None:
        self._redis = connect(address)
        self._waiting: deque[tuple[str, dict[str, Any], str]] = deque()
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._busy = False
        self._heard = 0
        self._lost = 0

    def push(self, model_class: str, model: dict[str, Any], key: str) -> None:
        """Take a change over; it is sent as soon as Redis takes it."""
        with self._changed:
            if len(self._waiting) >= WAITING:
                self._waiting.popleft()
                self._lost += 1
            self._waiting.append((model_class, model, key))
            self._changed.notify_all()
            if self._thread is None:
                # Not before: a process may be forked until it serves.
                self._thread = threading.Thread(
                    target=self._run, name="push", daemon=True
                )
                self._thread.start()
                atexit.register(self.flush, FAREWELL)

    def flush(self, timeout: float) -> bool:
        """Wait until all that was pushed so far is sent; False at ``timeout``."""
        with self._changed:
            return self._changed.wait_for(
                lambda: not self._waiting and not self._busy, timeout
            )

    def missed(self, keys: Collection[str]) -> set[str]:
        """Return those of ``keys`` that were not pushed lately, as far as is known."""
        names = list(keys)
        if not names:
            return set()
        try:
            marks: list[Any] = self._redis.mget([_mark(name) for name in names])
        except RedisError as error:
            logger.warning("It is not known what was pushed: %s", error)
            return set(names)
        return {name for name, mark in zip(names, marks, strict=True) if mark is None}

    def answers(self) -> None:
        """Return if Redis answers; raise RedisError otherwise."""
        self._redis.ping()

    def _run(self) -> None:
        while True:
            with self._changed:
                self._busy = False
                self._changed.notify_all()
                self._changed.wait_for(lambda: self._waiting)
                self._busy = True
                count = min(BATCH, len(self._waiting))
                batch = [self._waiting.popleft() for _ in range(count)]
                lost, self._lost = self._lost, 0
            if lost:
                logger.error("%d changes were not pushed: too many at once", lost)
            self._deliver(batch)

    def _deliver(self, batch: list[tuple[str, dict[str, Any], str]]) -> None:
        encoded = [(_encode(name, model), key) for name, model, key in batch]
        heard = self._send(encoded)
        if not heard and self._heard and self._somebody_listens():
            heard = self._send(encoded)
        self._heard = heard

    def _send(self, encoded: list[tuple[str, str]]) -> int:
        """Publish and mark, however long it takes; return how many listened."""
        pause = FIRST_PAUSE
        while True:
            try:
                return self._try(encoded)
            except (RedisError, OSError) as error:
                if pause == FIRST_PAUSE:
                    logger.warning("Redis is away, changes wait: %s", error)
                time.sleep(pause * random.uniform(0.5, 1.0))
                pause = min(pause * 2, LONGEST_PAUSE)

    def _try(self, encoded: list[tuple[str, str]]) -> int:
        with self._redis.pipeline(transaction=False) as pipeline:
            for text, key in encoded:
                pipeline.publish(CHANNEL, text)
                pipeline.set(_mark(key), 1, ex=MARKED)
            heard: list[int] = pipeline.execute()[::2]
            return min(heard)

    def _somebody_listens(self) -> bool:
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            try:
                if self._redis.pubsub_numsub(CHANNEL)[0][1]:
                    return True
            except (RedisError, OSError):
                # It went away again; sending waits for it.
                return True
            time.sleep(FIRST_PAUSE)
        return False


def _mark(key: str) -> str:
    return f"pushed:{key}"


def _encode(model_class: str, model: dict[str, Any]) -> str:
    message = {
        "method": "emit",
        "event": "updated_model",
        "data": [{"class": model_class, "model": model}],
        "binary": False,
        "namespace": "/",
        "room": None,
        "skip_sid": None,
        "callback": None,
        "host_id": None,
    }
    return json.dumps(message, separators=(",", ":"), default=str)


def init_app(app: Flask) -> None:
    """Let ``app`` push to the Redis that its setting REDIS names, if there is one."""
    address = app.config.get("REDIS")
    app.extensions["microflack_push"] = Pusher(address) if address else None


def updated_model(model_class: str, model: dict[str, Any], key: str) -> None:
    """Tell all clients that a model is new or changed. Call it after the commit.

    It returns at once and never fails.

    :param model_class: ``User`` or ``Message``.
    :param model: what the API shows of it; it must not be changed any more.
    :param key: a name of this very change, for ``missed``.
    """
    if pusher := _pusher():
        pusher.push(model_class, model, key)


def missed(keys: Collection[str]) -> set[str]:
    """Return those of ``keys`` that are lately committed, but were never pushed.

    While Redis is away that is all of them; what is pushed twice does no harm.
    """
    pusher = _pusher()
    return pusher.missed(keys) if pusher else set()


def answers(app: Flask) -> None:
    """Return if the Redis of ``app`` answers; raise what its client does otherwise."""
    pusher: Pusher | None = app.extensions["microflack_push"]
    if pusher:
        pusher.answers()


def _pusher() -> Pusher | None:
    pusher: Pusher | None = current_app.extensions["microflack_push"]
    return pusher
