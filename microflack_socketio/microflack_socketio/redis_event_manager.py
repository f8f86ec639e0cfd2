"""Events from the queue, to all clients of this instance at once."""

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

# Seconds between two tries to reach Redis, growing, with jitter.
FIRST_PAUSE, LONGEST_PAUSE = 0.1, 1.0
# Seconds of silence after which Redis is asked whether it is there.
SILENCE = 5.0


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
        # Right after the start it may be about to begin.
        if not self._listening.wait(0 if self._was_listening else 1):
            raise ConnectionError("no subscription to the queue")

    def listen(self) -> Iterator[bytes]:
        """Return what is published, for ever; it is back soon after Redis is."""
        pause = FIRST_PAUSE
        while True:
            subscription = self._redis.pubsub()
            try:
                subscription.subscribe(self.channel)
                for message in self._messages(subscription):
                    pause = FIRST_PAUSE
                    if message["type"] == "message":
                        yield message["data"]
                    elif message["type"] == "subscribe":
                        self._subscribed()
            except (RedisError, OSError) as error:
                self._lost(error)
            finally:
                subscription.close()
            time.sleep(uniform(pause / 2, pause))
            pause = min(pause * 2, LONGEST_PAUSE)

    def _messages(self, subscription: PubSub) -> Iterator[dict[str, Any]]:
        asked = False
        while True:
            message = subscription.get_message(timeout=SILENCE)
            if message is None and asked:
                raise RedisError("it has been silent for too long")
            asked = message is None
            if message is None:
                subscription.ping()
            else:
                yield message

    def _subscribed(self) -> None:
        self._listening.set()
        if self._was_listening:
            logger.info("Redis is back")
            # What they missed, clients get by REST.
            self.broadcast("catch_up")
        self._was_listening = True

    def _lost(self, error: Exception) -> None:
        if self._listening.is_set() or not self._was_listening:
            logger.warning("Redis is away, no events: %s", error)
        self._listening.clear()
        self._was_listening = True
