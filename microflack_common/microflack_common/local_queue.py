"""What services ask of Redis, within one process. Nothing of it outlives the process.

Only the commands that this wheel and its services use are here; their answers are those
of redis-py (see its documentation, "Redis Commands").
"""

import threading
import time
from collections.abc import Callable, Mapping
from queue import Empty, SimpleQueue
from types import TracebackType
from typing import Any, Self

# Between two looks for keys whose time is over, in seconds.
SWEEP_PERIOD_SECONDS = 10.0


class LocalQueue:
    """Keys, sorted sets and channels. It can be shared by threads."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.RLock()
        self._values: dict[str, Any] = {}
        self._ends: dict[str, float] = {}
        self._sweep_at = 0.0
        self._listeners: dict[str, list[SimpleQueue[dict[str, Any]]]] = {}

    def ping(self) -> bool:
        """Say that it is there."""
        return True

    def set(
        self,
        name: str,
        value: object,
        ex: int | None = None,
        px: int | None = None,
        nx: bool = False,
    ) -> bool | None:
        """Set a key, for ``ex`` seconds or ``px`` milliseconds; with ``nx`` a new one.

        Returns None if ``nx`` kept it from being set.
        """
        with self._lock:
            self._sweep()
            if nx and self._get(name) is not None:
                return None
            self._values[name] = str(value).encode()
            self._ends.pop(name, None)
            if ex or px:
                self._ends[name] = self._clock() + (ex or (px or 0) / 1000)
            return True

    def mget(self, names: object) -> list[bytes | None]:
        """Return the values of keys, None for those that there are not."""
        with self._lock:
            return [self._get(name) for name in names]  # type: ignore[attr-defined]

    def expire(self, name: str, seconds: int) -> bool:
        """Let a key last so long; say whether there is one."""
        with self._lock:
            if self._get(name) is None:
                return False
            self._ends[name] = self._clock() + seconds
            return True

    def zadd(self, name: str, mapping: Mapping[Any, float]) -> int:
        """Add members with their scores to a sorted set; return how many are new."""
        with self._lock:
            members = self._set_of(name)
            before = len(members)
            members |= {str(one).encode(): score for one, score in mapping.items()}
            self._values[name] = members
            return len(members) - before

    def zrem(self, name: str, *members: object) -> int:
        """Remove members; return how many there were."""
        with self._lock:
            known = self._set_of(name)
            return sum(known.pop(str(m).encode(), None) is not None for m in members)

    def zrange(self, name: str, first: int, last: int) -> list[bytes]:
        """Return members by their rank, the lowest score first; -1 is the last one."""
        with self._lock:
            ranked = self._ranked(name)
            return ranked[first : last + 1 if last >= 0 else len(ranked) + last + 1]

    def zremrangebyrank(self, name: str, first: int, last: int) -> int:
        """Remove members by their rank; return how many."""
        with self._lock:
            gone = self.zrange(name, first, last)
            return self.zrem(name, *(member.decode() for member in gone))

    def zcount(self, name: str, lowest: float | str, highest: float | str) -> int:
        """Return how many members have a score from ``lowest`` to ``highest``."""
        with self._lock:
            scores = self._set_of(name).values()
            return sum(float(lowest) <= one <= float(highest) for one in scores)

    def publish(self, channel: str, text: str | bytes) -> int:
        """Send a text to all who listen; return how many they are."""
        data = text.encode() if isinstance(text, str) else text
        message = {"type": "message", "channel": channel.encode(), "data": data}
        with self._lock:
            listeners = self._listeners.get(channel, [])
            for listener in listeners:
                listener.put(message)
            return len(listeners)

    def pubsub_numsub(self, channel: str) -> list[tuple[bytes, int]]:
        """Return how many listen to a channel."""
        with self._lock:
            return [(channel.encode(), len(self._listeners.get(channel, [])))]

    def pubsub(self) -> "Subscription":
        """Return what listens to channels."""
        return Subscription(self._listeners, self._lock)

    def pipeline(self, transaction: bool = True) -> "Pipeline":
        """Return what carries out commands one after the other, at once."""
        return Pipeline(self, self._lock)

    def _get(self, name: str) -> Any:
        end = self._ends.get(name)
        if end is not None and end < self._clock():
            self._drop(name)
        return self._values.get(name)

    def _set_of(self, name: str) -> dict[bytes, float]:
        return self._get(name) or {}

    def _ranked(self, name: str) -> list[bytes]:
        members = self._set_of(name)
        return sorted(members, key=lambda member: (members[member], member))

    def _drop(self, name: str) -> None:
        self._ends.pop(name, None)
        self._values.pop(name, None)

    def _sweep(self) -> None:
        now = self._clock()
        if now >= self._sweep_at:
            self._sweep_at = now + SWEEP_PERIOD_SECONDS
            for name in [name for name, end in self._ends.items() if end < now]:
                self._drop(name)


class Pipeline:
    """Commands that are carried out together, by ``execute``."""

    def __init__(self, queue: LocalQueue, lock: Any) -> None:
        self._queue, self._lock = queue, lock
        self._commands: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._commands.clear()

    def __getattr__(self, name: str) -> "Callable[..., Pipeline]":
        """Return a command, which is noted when it is called."""

        def note(*arguments: Any, **options: Any) -> Pipeline:
            self._commands.append((name, arguments, options))
            return self

        return note

    def execute(self) -> list[Any]:
        """Carry out all commands and return their answers."""
        with self._lock:
            return [getattr(self._queue, n)(*a, **o) for n, a, o in self._commands]


class Subscription:
    """Listens to channels, from ``subscribe`` on."""

    def __init__(self, listeners: dict[str, list[Any]], lock: Any) -> None:
        self._listeners, self._lock = listeners, lock
        self._came: SimpleQueue[dict[str, Any]] = SimpleQueue()

    def subscribe(self, channel: str) -> None:
        """Listen to a channel; the first message says that it is so."""
        with self._lock:
            self._listeners.setdefault(channel, []).append(self._came)
            self._came.put({"type": "subscribe", "channel": channel.encode()})

    def get_message(self, timeout: float) -> dict[str, Any] | None:
        """Return the next message, None if none came within ``timeout`` seconds."""
        try:
            return self._came.get(timeout=timeout)
        except Empty:
            return None

    def ping(self) -> None:
        """Have a message come that says that it is there."""
        self._came.put({"type": "pong"})

    def close(self) -> None:
        """Listen no longer."""
        with self._lock:
            for listeners in self._listeners.values():
                if self._came in listeners:
                    listeners.remove(self._came)
