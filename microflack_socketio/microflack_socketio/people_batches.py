"""Changes of people, for clients that ask to hear those of a moment together.

When everybody comes back after an outage, each client hears of each of them: of a
thousand people a thousand clients would get a million events. Those who ask for it get
``updated_models`` instead, with the newest of each person.
"""

import threading
from collections.abc import Iterator
from typing import Any

from flask_socketio import SocketIO

from microflack_socketio.engineio_adapter import Engine

EVENT, SINGLE_EVENT = "updated_models", "updated_model"
KIND = "User"
# How long what comes is gathered, and how many people are in one event at most.
GATHER_SECONDS = 0.2
MOST_TOGETHER = 100


class PeopleBatches:
    """Sends people in batches to those who want it so, and one by one to others."""

    def __init__(self, socketio: SocketIO, engine: Engine) -> None:
        self._socketio = socketio
        self._engine = engine
        self._lock = threading.Lock()
        self._wanted_by: set[str] = set()
        # By id, those told of last at the end.
        self._waiting: dict[int, dict[str, Any]] = {}

    def want(self, sid: str) -> None:
        """Have a client hear of people in batches."""
        self._wanted_by.add(sid)

    def forget(self, sid: str) -> None:
        """Forget a client that has gone."""
        self._wanted_by.discard(sid)

    def take(self, event: str, arguments: list[Any], to: Any) -> bool:
        """Send what has changed of a person; say whether this was such an event.

        :param to: for whom it is; None for everybody.
        """
        if to is not None or not self._wanted_by or not _is_person(event, arguments):
            return False
        self._engine.send(event, arguments, only=lambda sid: sid not in self._wanted_by)
        model = arguments[0]["model"]
        with self._lock:
            is_first = not self._waiting
            self._waiting.pop(model["id"], None)
            self._waiting[model["id"]] = model
        if is_first:
            self._socketio.start_background_task(self._send_soon)
        return True

    def _send_soon(self) -> None:
        self._socketio.sleep(GATHER_SECONDS)
        with self._lock:
            models, self._waiting = list(self._waiting.values()), {}
        for batch in _parts(models):
            told = {"class": KIND, "models": batch}
            self._engine.send(EVENT, [told], only=self._wanted_by.__contains__)


def _is_person(event: str, arguments: list[Any]) -> bool:
    first = arguments[0] if arguments else None
    return (
        event == SINGLE_EVENT and isinstance(first, dict) and first.get("class") == KIND
    )


def _parts(models: list[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    for start in range(0, len(models), MOST_TOGETHER):
        yield models[start : start + MOST_TOGETHER]
