"""What one client may do, so that it hurts nobody else."""

import re
import time
from collections.abc import Callable
from typing import Any

# The largest packet taken from a client, in bytes, and the most packets in one request
# of a client that polls (what python-engineio takes).
LARGEST = 256 * 1024
PACKETS = 16
# Packets that wait for a client which reads too slowly; with one more it is cut off.
WAITING = 256
# Packets a second that a client may send in the long run, and at once.
RATE, BURST = 20.0, 60.0
# So many packets in a row are slowed down; whoever still goes on is cut off.
SLOWED = 100

# Engine.IO 4 with Socket.IO 5 inside, as far as clients may use it: a message that
# connects, disconnects, is an event or an acknowledgement, without binary data; and the
# packets that keep the connection. Everything else makes the libraries raise.
ALLOWED_PACKET = re.compile(r"4[0-3]|(?:[1356]|2(?:probe)?)\Z")


def is_allowed_packet(packet: str) -> bool:
    """Say whether an Engine.IO packet is one that clients may send."""
    return ALLOWED_PACKET.match(packet) is not None


class RateLimiter:
    """A token bucket: slows a client down, then says that it has to go.

    :param sleep: waits, without holding up other clients.
    """

    def __init__(self, sleep: Callable[[float], object]) -> None:
        self._sleep = sleep
        self._left = BURST
        self._filled = time.monotonic()
        self._slowed = 0

    def take(self) -> bool:
        """Take a packet from the client, maybe a little later; False if it must go."""
        now = time.monotonic()
        self._left = min(BURST, self._left + (now - self._filled) * RATE)
        self._filled = now
        self._left -= 1
        if self._left >= 0:
            if self._left > BURST / 2:
                self._slowed = 0
            return True
        self._slowed += 1
        if self._slowed > SLOWED:
            return False
        self._sleep(-self._left / RATE)
        return True


def bounded_queue(queue_class: type) -> type:
    """Return a kind of queue that never grows beyond what may wait for a client."""

    class BoundedQueue(queue_class):  # type: ignore[misc]
        """Drops what is too much, and says so: its client is disconnected for it."""

        overflowed = False

        def put(self, item: object, *args: Any, **kwargs: Any) -> None:
            """Take a packet, or None, which ends the connection."""
            if item is not None and self.qsize() >= WAITING:
                self.overflowed = True
            else:
                super().put(item, *args, **kwargs)

    return BoundedQueue
