"""Which listener has received which message, when, and how often."""

import json
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from mftools.bench.figures import quantile


@dataclass
class Event:
    """One event: its message, how often each listener received it, and when the last.

    ``last_received`` is in seconds of ``time.perf_counter()``.
    """

    message: int
    received: bytearray
    last_received: float = 0.0


@dataclass(frozen=True)
class Delivery:
    """What became of the messages that were posted.

    ``seconds`` holds, for each message that reached every listener, the time from its
    POST to the last of them.
    """

    posted: int
    seconds: tuple[float, ...]
    lost: int
    doubled: int

    @property
    def p50_ms(self) -> float:
        """Milliseconds within which half of the messages reached everybody."""
        return quantile(self.seconds, 0.5) * 1000 if self.seconds else float("inf")

    @property
    def p99_ms(self) -> float:
        """Milliseconds within which 99 of 100 messages reached everybody."""
        return quantile(self.seconds, 0.99) * 1000 if self.seconds else float("inf")


@dataclass
class DeliveryLog:
    """What a number of listeners have received."""

    listeners: int
    _events: dict[bytes, Event | None] = field(default_factory=dict)
    # How many listeners have received anything of a message, by its id.
    _reached: dict[int, int] = field(default_factory=dict)

    def record(self, listener: int, payload: bytes) -> None:
        """Record that a listener received an event; all of them get the same bytes."""
        try:
            event = self._events[payload]
        except KeyError:
            event = self._events[payload] = self._event(payload)
        if event is None:
            return
        if event.received[listener] < 255:
            event.received[listener] += 1
        if event.received[listener] == 1:
            event.last_received = time.perf_counter()
            reached = self._reached
            reached[event.message] = reached.get(event.message, 0) + 1

    def _event(self, payload: bytes) -> Event | None:
        """Return the event in a payload; None when it is not about a message."""
        name, *arguments = json.loads(payload[2:])
        if name != "updated_model" or arguments[0]["class"] != "Message":
            return None
        message = int(arguments[0]["model"]["id"])
        return Event(message, bytearray(self.listeners))

    def is_complete(self, messages: Iterable[int]) -> bool:
        """Say whether every listener has received all these messages."""
        reached = self._reached
        return all(reached.get(one, 0) >= self.listeners for one in messages)

    def delivery(self, posted: Mapping[int, float]) -> Delivery:
        """Return what became of messages, given by id with the time of their POST.

        An edit or a card is one more event about a message; lost and late count for the
        first one.
        """
        seconds, lost, doubled = [], 0, 0
        first: dict[int, Event] = {}
        for event in self._events.values():
            if event is not None and event.message in posted:
                first.setdefault(event.message, event)
                doubled += sum(times - 1 for times in event.received if times > 1)
        for message, began in posted.items():
            if message not in first:
                lost += self.listeners
                continue
            missing = first[message].received.count(0)
            lost += missing
            if not missing:
                seconds.append(first[message].last_received - began)
        return Delivery(len(posted), tuple(seconds), lost, doubled)
