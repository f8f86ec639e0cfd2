"""Events that other services publish in Redis, for all clients of this instance."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

from redis import RedisError
from redis.client import PubSub

from microflack_common.outage import Outage, backoff
from microflack_common.publisher import CHANNEL
from microflack_common.redis import connect
from microflack_socketio.engineio_adapter import EventManager

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

    # Called before the first event after some may have been missed.
    after_gap: Callable[[], None]

    def __init__(self, address: str) -> None:
        super().__init__(channel=CHANNEL)
        self._redis = connect(address)
        self._outage = Outage("Redis is away, no events", "Redis is back")
        self._listening = threading.Event()

    def check(self) -> None:
        """Return if events arrive; raise ConnectionError if they do not."""
        seconds = 0.0 if self._outage.lasts else FIRST_CHECK_SECONDS
        if not self._listening.wait(seconds):
            raise ConnectionError("no subscription to the queue")

    def tell(self, event: str, argument: object, to: str) -> None:
        """Have all instances hand an event on, this one among them.

        Raises RedisError when Redis is away.

        :param to: the audience.
        """
        message = {
            "method": "emit",
            "event": event,
            "data": [argument],
            "namespace": "/",
            "room": to,
        }
        self._redis.publish(self.channel, json.dumps(message))

    def listen(self) -> Iterator[bytes]:
        """Return what is published, for ever; it is back soon after Redis is."""
        pauses = backoff(FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS)
        while True:
            subscription = self._redis.pubsub()
            try:
                subscription.subscribe(self.channel)
                for message in self._messages(subscription):
                    if message["type"] == "message":
                        yield message["data"]
                    elif message["type"] == "subscribe":
                        pauses = backoff(FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS)
                        self._on_subscribed()
            except (RedisError, OSError) as error:
                self._listening.clear()
                self._outage.begin(error)
            finally:
                subscription.close()
            time.sleep(next(pauses))

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

    def _on_subscribed(self) -> None:
        self._listening.set()
        if self._outage.lasts:
            self._outage.end()
            self.after_gap()
