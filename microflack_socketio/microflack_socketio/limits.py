"""What one client may do, so that it hurts nobody else."""

import re
import time
from collections.abc import Callable
from typing import Any

# The largest packet that is taken from a client.
MAX_PACKET_BYTES = 256 * 1024
# The most packets in one request of a client that polls: python-engineio takes so many.
MAX_PACKETS_IN_REQUEST = 16
# The most packets that wait for a client which reads too slowly; with one more it is
# disconnected.
MAX_WAITING_PACKETS = 256
# How many packets a client may send in the long run, and at once.
PACKETS_PER_SECOND = 20.0
BURST_PACKETS = 60.0
# So many packets in a row are slowed down; with one more the client is disconnected.
MAX_SLOWED_PACKETS = 100

# Packets of Engine.IO 4, with those of Socket.IO 5 inside, that clients may send: a
# message (4) that connects (0), disconnects (1), is an event (2) or an acknowledgement
# (3), and the packets that keep the connection. No binary data. The libraries raise
# errors for everything else.
ALLOWED_PACKET = re.compile(r"4[0-3]|(?:[1356]|2(?:probe)?)\Z")


def is_allowed_packet(packet: str) -> bool:
    """Say whether clients may send such an Engine.IO packet."""
    return ALLOWED_PACKET.match(packet) is not None


class RateLimiter:
    """Slows one client down, and says when it must go (a token bucket).

    :param sleep: waits so many seconds, without holding up other clients.
    """

    def __init__(self, sleep: Callable[[float], object]) -> None:
        self._sleep = sleep
        self._left = BURST_PACKETS
        self._filled_at = time.monotonic()
        self._slowed = 0

    def admit(self) -> bool:
        """Let a packet in, maybe after a pause; False if the client must go."""
        now = time.monotonic()
        new = (now - self._filled_at) * PACKETS_PER_SECOND
        self._left = min(BURST_PACKETS, self._left + new) - 1
        self._filled_at = now
        if self._left >= 0:
            if self._left > BURST_PACKETS / 2:
                self._slowed = 0
            return True
        self._slowed += 1
        if self._slowed > MAX_SLOWED_PACKETS:
            return False
        self._sleep(-self._left / PACKETS_PER_SECOND)
        return True


def bounded_queue(queue_class: type) -> type:
    """Return a kind of queue that takes no more than may wait for one client.

    :param queue_class: the queue of the async mode, built as ``queue.Queue``.
    """

    class BoundedQueue(queue_class):  # type: ignore[misc]
        """Drops what is too much; ``overflowed`` says that it has done so."""

        overflowed = False

        def put(self, item: object, *args: Any, **kwargs: Any) -> None:
            """Take a packet, or None, which ends the connection."""
            if item is not None and self.qsize() >= MAX_WAITING_PACKETS:
                self.overflowed = True
            else:
                super().put(item, *args, **kwargs)

    return BoundedQueue
