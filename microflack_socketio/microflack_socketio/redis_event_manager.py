"""Events from the queue, to all clients of this instance at once."""

import logging
import threading
import time
from collections.abc import Iterator
from random import uniform
from typing import Any

from engineio import packet as engine
from redis import RedisError
from redis.client import PubSub
from socketio import PubSubManager

from microflack_common import push
from microflack_socketio import limits
from microflack_socketio.websocket import frame

logger = logging.getLogger(__name__)

# Seconds between two tries to reach Redis, growing, with jitter.
FIRST_PAUSE, LONGEST_PAUSE = 0.1, 1.0
# Seconds of silence after which Redis is asked whether it is there.
SILENCE = 5.0


class RedisEventManager(PubSubManager):
    """Listens to Redis, as python-socketio's own manager does, with two differences.

    It is back soon after Redis is. And it encodes and frames an event once and writes
    it straight to the sockets of all clients, where python-socketio wakes a task for
    each of them; that is ten times as fast. A client that has something waiting, is
    busy or polls gets the event as python-socketio does it.

    :param address: HOST:PORT of Redis.
    """

    def __init__(self, address: str) -> None:
        super().__init__(channel=push.CHANNEL)
        self._redis = push.connect(address)
        self._listening = threading.Event()
        self._was_listening = False

    def start(self) -> None:
        """Listen from now on, not only from the first client on."""
        if not self.server.manager_initialized:
            self.server.manager_initialized = True
            self.initialize()

    def check(self) -> None:
        """Return if events arrive; raise ConnectionError if they do not."""
        # Right after the start it may be about to begin.
        if not self._listening.wait(0 if self._was_listening else 1):
            raise ConnectionError("no subscription to the queue")

    def _listen(self) -> Iterator[bytes]:
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

    def _publish(self, data: Any) -> None:
        """Tell other instances nothing: all that is emitted here is for here."""

    def _handle_emit(self, message: dict[str, Any]) -> None:
        to_some = message.get("room") or message.get("skip_sid")
        if to_some or message.get("callback") or message.get("binary"):
            super()._handle_emit(message)
            return
        arguments = message["data"]
        if not isinstance(arguments, list):
            arguments = [arguments]
        self.broadcast(message["event"], *arguments)

    def broadcast(self, event: str, *arguments: object) -> None:
        """Send an event to all clients of this instance."""
        packet = self.server.packet_class(data=[event, *arguments], namespace="/")
        one_for_all = engine.Packet(engine.MESSAGE, packet.encode())
        data = frame(one_for_all.encode())
        sockets, websockets = self.server.eio.sockets, self.server.eio.websockets
        later = self.server.start_background_task
        # Threads may be anywhere between taking a packet and writing it.
        at_once = self.server.async_mode != "threading"
        for _sid, engine_sid in self.get_participants("/", None):
            client = sockets.get(engine_sid)
            websocket = websockets.get(engine_sid) if at_once else None
            ready = websocket and client and client.upgraded and client.queue.empty()
            if not (ready and not client.closed and websocket.try_send(data, later)):
                self.server.eio.send_packet(engine_sid, one_for_all)


def bounded(queue_class: type) -> type:
    """Return a kind of queue that never grows beyond what may wait for a client."""

    class BoundedQueue(queue_class):  # type: ignore[misc]
        """Drops what is too much, and tells so: the client is cut off for it."""

        overflowed = False

        def put(self, item: object, *args: Any, **kwargs: Any) -> None:
            """Take a packet, or None, which ends the connection."""
            if item is not None and self.qsize() >= limits.WAITING:
                self.overflowed = True
            else:
                super().put(item, *args, **kwargs)

    return BoundedQueue
