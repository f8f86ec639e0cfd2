"""How many files are sent and received at a time.

A service has eight threads, and each large file takes one for as long as its client's
line does. The others are for messages.
"""

import threading
from collections import defaultdict
from collections.abc import Callable

from flask import Flask, current_app

from microflack_common.limits import TooMany

AT_A_TIME, OF_ONE_USER = 4, 2
# A load balancer takes so much at once, whoever reads it.
SMALL_BYTES = 512 * 1024
WHAT = "uploads and downloads at a time"


class Transfers:
    """Counts those that are under way. Threads share it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._count: defaultdict[int, int] = defaultdict(int)

    def begin(self, user_id: int) -> Callable[[], None]:
        """Begin one; return what ends it. Raises TooMany."""
        with self._lock:
            own, all_of_them = self._count.get(user_id, 0), sum(self._count.values())
            if own >= OF_ONE_USER or all_of_them >= AT_A_TIME:
                raise TooMany(WHAT, 1)
            self._count[user_id] += 1
        return lambda: self._end(user_id)

    def _end(self, user_id: int) -> None:
        with self._lock:
            self._count[user_id] -= 1
            if not self._count[user_id]:
                del self._count[user_id]


def init_app(app: Flask) -> None:
    """Have ``app`` count them."""
    app.extensions["microflack_transfers"] = Transfers()


def begin(user_id: int) -> Callable[[], None]:
    """Begin a transfer of this user; return what ends it. Raises TooMany."""
    transfers: Transfers = current_app.extensions["microflack_transfers"]
    return transfers.begin(user_id)
