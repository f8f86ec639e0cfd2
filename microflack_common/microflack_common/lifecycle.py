"""Begin and end what an application does besides answering requests."""

import threading
from collections.abc import Callable

from flask import Flask


class _Starter:
    """Calls functions once, in the process that serves."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: list[Callable[[], object]] = []
        self._started = False

    def add(self, function: Callable[[], object]) -> None:
        self._waiting.append(function)

    def start(self) -> None:
        if self._started:
            return
        with self._lock:
            for function in self._waiting:
                function()
            self._waiting.clear()
            self._started = True


def at_start(app: Flask, function: Callable[[], object]) -> None:
    """Call ``function`` once, before the first request is handled.

    That is soon after the start: whoever waits for an instance asks it for its health.
    Threads and connections are begun so and not in ``create_app``: a process may make
    an application and not serve, or fork another one that does. The function must
    return quickly.
    """
    starter: _Starter | None = app.extensions.get("microflack_starter")
    if starter is None:
        starter = app.extensions["microflack_starter"] = _Starter()
        app.before_request(starter.start)
    starter.add(function)


def start(app: Flask) -> None:
    """Call what is to be called at the start, if that has not been done yet.

    For an application that can be asked for something past Flask.
    """
    starter: _Starter | None = app.extensions.get("microflack_starter")
    if starter:
        starter.start()


def at_stop(app: Flask, function: Callable[[], object]) -> None:
    """Call ``function`` when the instance stops, once it has left the registry.

    Functions are called one after the other; the server stops when all are done.
    """
    app.extensions.setdefault("microflack_at_stop", []).append(function)
