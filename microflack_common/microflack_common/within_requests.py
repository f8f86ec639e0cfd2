"""Do within requests what otherwise threads do beside them.

A function in a cloud is frozen as soon as it has answered: a thread would go on with
the next request, or never. The setting BACKGROUND=no says that a service runs so. Then
tasks are called by requests when their time has come, and an answer waits for what its
request has begun. Nobody finds out by himself where he runs: the setting alone decides.
"""

import math
import threading
import time
from collections.abc import Callable

from flask import Flask, Response

from microflack_common.lifecycle import at_start
from microflack_common.workers import PeriodicTask

# How long a request may be at a task that has much to do; others do the rest.
MOST_SECONDS = 1.0


def has_background(app: Flask) -> bool:
    """Say whether threads of ``app`` go on between requests, as its setting says."""
    return bool(app.config.get("BACKGROUND", True))


def periodically(app: Flask, task: PeriodicTask) -> None:
    """Have a task done from the first request on: by its thread, or by requests.

    Those call it before they are handled, so they see what it has done.
    """
    if has_background(app):
        at_start(app, task.start)
    else:
        app.before_request(_Turn(task).take)


def before_answers(app: Flask, function: Callable[[], object]) -> None:
    """Call ``function`` before each answer, unless threads go on after it.

    It waits for what threads have taken over, but not for ever.
    """

    def wait(response: Response) -> Response:
        function()
        return response

    if not has_background(app):
        app.after_request(wait)


class _Turn:
    """Calls a task that has no thread: at once, and later when it is due again."""

    def __init__(self, task: PeriodicTask) -> None:
        self._task = task
        self._lock = threading.Lock()
        self._due_at = -math.inf

    def take(self) -> None:
        """Call the task if its time has come and no other request is at it."""
        if time.monotonic() < self._due_at or not self._lock.acquire(blocking=False):
            return
        try:
            self._due_at = time.monotonic() + self._task.call(MOST_SECONDS)
        finally:
            self._lock.release()
