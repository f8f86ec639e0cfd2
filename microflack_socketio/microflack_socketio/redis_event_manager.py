"""Events that other services publish in Redis, for all clients of this instance."""

import logging
import threading
import time
from collections.abc import Iterator
from random import uniform
from typing import Any

from redis import RedisError
from redis.client import PubSub

from microflack_common import push
from microflack_socketio.engineio_adapter import EventManager

logger = logging.getLogger(__name__)

# The pauses between two tries to reach Redis: they grow, with jitter.
FIRST_PAUSE_SECONDS = 0.1
LONGEST_PAUSE_SECONDS = 1.0
# After so long without an event Redis is asked whether it is there.
SILENCE_SECONDS = 5.0
# How long the first check waits for a subscription that may be about to begin.
FIRST_CHECK_SECONDS = 1.0


class RedisEventManager(EventManager):
    """Listens to Redis, and is back soon after Redis is.

    :param address: HOST:PORT of Redis.
    """

    def __init__(self, address: str) -> None:
        super().__init__(channel=push.CHANNEL)
        self._redis = push.connect(address)
        self._listening = threading.Event()
        self._was_listening = False

    def check(self) -> None:
        """Return if events arrive; raise ConnectionError if they do not."""
        seconds = 0.0 if self._was_listening else FIRST_CHECK_SECONDS
        if not self._listening.wait(seconds):
            raise ConnectionError("no subscription to the queue")

    def listen(self) -> Iterator[bytes]:
        """Return what is published, for ever; it is back soon after Redis is."""
        pause = FIRST_PAUSE_SECONDS
        while True:
            subscription = self._redis.pubsub()
            try:
                subscription.subscribe(self.channel)
                for message in self._messages(subscription):
                    pause = FIRST_PAUSE_SECONDS
                    if message["type"] == "message":
                        yield message["data"]
                    elif message["type"] == "subscribe":
                        self._report_subscription()
            except (RedisError, OSError) as error:
                self._report_loss(error)
            finally:
                subscription.close()
            time.sleep(uniform(pause / 2, pause))
            pause = min(pause * 2, LONGEST_PAUSE_SECONDS)

    def _messages(self, subscription: PubSub) -> Iterator[dict[str, Any]]:
        asked = False
        while True:
            message = subscription.get_message(timeout=SILENCE_SECONDS)
            if message is None and asked:
                raise RedisError("it has been silent for too long")
            asked = message is None
            if message is None:
                subscription.ping()
            else:
                yield message

    def _report_subscription(self) -> None:
        self._listening.set()
        if self._was_listening:
            logger.info("Redis is back")
            # Clients fetch by REST what they missed.
            self.broadcast("catch_up")
        self._was_listening = True

    def _report_loss(self, error: Exception) -> None:
        if self._listening.is_set() or not self._was_listening:
            logger.warning("Redis is away, no events: %s", error)
        self._listening.clear()
        self._was_listening = True
