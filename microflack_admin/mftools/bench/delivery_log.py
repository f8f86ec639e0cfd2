"""Who has heard of which message, when, and how often."""

import json
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from mftools.bench.figures import quantile


@dataclass
class Event:
    """One event: the message it is about, how often each client heard it, and when."""

    message: int
    times: bytearray
    first: float
    last: float = 0.0


@dataclass(frozen=True)
class Delivery:
    """What became of the messages that were posted.

    ``seconds`` says for each one how long it took from the POST to the last client.
    """

    posted: int
    seconds: tuple[float, ...]
    lost: int
    doubled: int

    @property
    def p50(self) -> float:
        """Milliseconds for half of all."""
        return quantile(self.seconds, 0.5) * 1000 if self.seconds else float("inf")

    @property
    def p99(self) -> float:
        """Milliseconds for all but one in a hundred."""
        return quantile(self.seconds, 0.99) * 1000 if self.seconds else float("inf")


@dataclass
class Hearing:
    """What a number of clients hear."""

    clients: int
    _events: dict[bytes, Event | None] = field(default_factory=dict)
    _reached: dict[int, int] = field(default_factory=dict)

    def heard(self, client: int, payload: bytes) -> None:
        """Note that a client heard an event; all of them get the very same bytes."""
        try:
            event = self._events[payload]
        except KeyError:
            event = self._events[payload] = self._event(payload)
        if event is None:
            return
        if event.times[client] < 255:
            event.times[client] += 1
        if event.times[client] == 1:
            event.last = time.perf_counter()
            reached = self._reached
            reached[event.message] = reached.get(event.message, 0) + 1

    def _event(self, payload: bytes) -> Event | None:
        name, *arguments = json.loads(payload[2:])
        if name != "updated_model" or arguments[0]["class"] != "Message":
            return None
        number = int(arguments[0]["model"]["id"])
        return Event(number, bytearray(self.clients), time.perf_counter())

    def complete(self, messages: Iterable[int]) -> bool:
        """Say whether everybody has heard of all these messages."""
        reached = self._reached
        return all(reached.get(one, 0) >= self.clients for one in messages)

    def delivery(self, posted: Mapping[int, float]) -> Delivery:
        """Account for messages, given by id with the time of the POST."""
        seconds, lost, doubled = [], 0, 0
        first: dict[int, Event] = {}
        for event in self._events.values():
            if event is not None and event.message in posted:
                first.setdefault(event.message, event)
                doubled += sum(times - 1 for times in event.times if times > 1)
        for message, began in posted.items():
            if message not in first:
                lost += self.clients
                continue
            missing = first[message].times.count(0)
            lost += missing
            if not missing:
                seconds.append(first[message].last - began)
        return Delivery(len(posted), tuple(seconds), lost, doubled)
