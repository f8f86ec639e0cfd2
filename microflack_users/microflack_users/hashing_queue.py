"""Who waits for a password to be hashed, which takes a processor for a while.

As many are hashed at a time as there are processors, and a few more wait. Each of them
holds a thread of the server, but one is always left for who asks for anything else. Who
finds no place, or waits too long, is told at once to come back: however many guess
passwords, from however many addresses, only sign-ins are refused.
"""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask, Response, current_app

from microflack_common import serve
from microflack_common.errors import error_response

WAIT_SECONDS = 3.0
RETRY_AFTER_SECONDS = 2
PLACES = serve.threads - 1
# Each takes a whole core: more at once would only take more memory.
SLOTS = min(os.cpu_count() or 1, PLACES)
CROWDED = "Too many passwords are being checked right now. Try again shortly."


class Crowded(Exception):
    """Raised for whom there is no time now; answered with 429."""


class HashingQueue:
    """Those whose password is hashed, and those who wait for it.

    :param slots: how many are hashed at a time.
    :param places: how many may wait or be hashed; None for all who come.
    """

    def __init__(self, slots: int = SLOTS, places: int | None = PLACES) -> None:
        self._slots = threading.Semaphore(slots)
        self._places = None if places is None else threading.Semaphore(places)

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait for a slot and hold it; raise Crowded if that is not possible."""
        if self._places is None:
            with self._slots:
                yield
            return
        if not self._places.acquire(blocking=False):
            raise Crowded
        try:
            if not self._slots.acquire(timeout=WAIT_SECONDS):
                raise Crowded
            try:
                yield
            finally:
                self._slots.release()
        finally:
            self._places.release()


def init_app(app: Flask) -> None:
    """Give ``app`` a queue, in which all may wait if its setting LIMITS is False."""
    places = PLACES if app.config.get("LIMITS", True) else None
    app.extensions["microflack_hashing"] = HashingQueue(places=places)
    app.register_error_handler(Crowded, _refuse)


def current_queue() -> HashingQueue:
    """Return the queue of the current application."""
    queue: HashingQueue = current_app.extensions["microflack_hashing"]
    return queue


def _refuse(_error: Crowded) -> Response:
    return error_response(429, CROWDED, {"Retry-After": str(RETRY_AFTER_SECONDS)})
