"""Threads that work beside the requests.

The process that makes an application may fork, and threads do not survive that. So they
begin with ``start``, which ``lifecycle.at_start`` calls in the process that serves, or
with the first ``submit``.
All of them end with the process.
"""

import atexit
import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from random import uniform
from typing import Generic, TypeVar

from microflack_common.outage import Outage

T = TypeVar("T")

logger = logging.getLogger(__name__)

STOP_TIMEOUT_SECONDS = 5.0


class PeriodicTask:
    """Calls a function again and again, in a thread of its own, until it is stopped.

    An error that the function raises ends nothing: the next call comes as usual.

    :param name: the thread's.
    :param period_seconds: from the end of one call to the next one.
    :param outage: logs errors; by default as unexpected ones.
    :param jitter: the share of the period, from 0 to 1, by which a wait is shortened
        at most, by chance.
    :param at_once: whether the first call does not wait for a period.
    :param retry_seconds: the wait after a call that raised an error, if it is another.
    """

    def __init__(
        self,
        name: str,
        function: Callable[[], object],
        period_seconds: float,
        outage: Outage | None = None,
        *,
        jitter: float = 0.0,
        at_once: bool = False,
        retry_seconds: float | None = None,
    ) -> None:
        self._function = function
        self._period = period_seconds
        self._outage = outage or Outage(f"{name} fails", f"{name} works again", ())
        self._jitter = jitter
        self._at_once = at_once
        self._retry = period_seconds if retry_seconds is None else retry_seconds
        self._stopped = threading.Event()
        # When a call that has only so much time is over.
        self._call_ends_at: float | None = None
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Begin to call the function."""
        self._thread.start()

    def stop(self, timeout_seconds: float = STOP_TIMEOUT_SECONDS) -> bool:
        """Begin no further call and wait for one that runs; False at the timeout."""
        self._stopped.set()
        if self._thread.is_alive():
            self._thread.join(timeout_seconds)
        return not self._thread.is_alive()

    def wait(self, seconds: float) -> bool:
        """Wait, inside the function; True at once when it is to leave the rest.

        That is when the task is to stop, or its call is out of time: who calls it so
        has no time to wait either.
        """
        if self._call_ends_at is not None:
            return time.monotonic() >= self._call_ends_at
        return self._stopped.wait(seconds)

    def _run(self) -> None:
        seconds = 0.0 if self._at_once else self._period
        while not self._stopped.wait(seconds * uniform(1 - self._jitter, 1)):
            seconds = self.call()

    def call(self, most_seconds: float | None = None) -> float:
        """Call the function once, here; return the seconds until the next call.

        :param most_seconds: after which ``wait`` says that the rest is for the next
            call. Nobody else may call it meanwhile.
        """
        if most_seconds is not None:
            self._call_ends_at = time.monotonic() + most_seconds
        try:
            self._function()
        except Exception as error:
            self._outage.begin(error)
            return self._retry
        self._outage.end()
        return self._period


class BatchWorker(Generic[T]):
    """Takes items over and hands them to a function, in order, several at once.

    :param name: the threads'.
    :param function: is given a list of items, in the order in which they came. What it
        raises is logged, and the next items follow; it tries again itself what it
        wants to try again.
    :param batch_size: the most items that it is given at once.
    :param capacity: the most items that may wait.
    :param drop_oldest: whether one more pushes the oldest out, instead of being
        refused.
    :param threads: how many call the function at the same time; with more than one,
        items can overtake each other.
    :param exit_timeout_seconds: how long the end of the process waits for what has
        come; zero does not wait.
    :param period_seconds: the least time from the end of a call to the next one. What
        comes alone does not wait; what comes in numbers is handled together.
    """

    def __init__(
        self,
        name: str,
        function: Callable[[list[T]], object],
        batch_size: int,
        capacity: int,
        *,
        drop_oldest: bool = False,
        threads: int = 1,
        exit_timeout_seconds: float = 0.0,
        period_seconds: float = 0.0,
    ) -> None:
        self._name = name
        self._function = function
        self._batch_size = batch_size
        self._capacity = capacity
        self._drop_oldest = drop_oldest
        self._count = threads
        self._exit_timeout = exit_timeout_seconds
        self._period = period_seconds
        lock = threading.Lock()
        self._came = threading.Condition(lock)
        self._done = threading.Condition(lock)
        self._waiting: deque[T] = deque()
        self._threads: list[threading.Thread] = []
        self._busy = 0
        self._stopping = False
        # How many items were pushed out so far.
        self.dropped = 0

    def submit(self, item: T) -> bool:
        """Have an item handled soon; returns at once.

        False: it was refused, since too many wait or the worker was stopped.
        """
        with self._came:
            if self._stopping or not self._has_room():
                return False
            self._waiting.append(item)
            self._came.notify()
            if not self._threads:
                self._start()
        return True

    def flush(self, timeout_seconds: float) -> bool:
        """Wait until all that came has been handled; False at the timeout."""
        with self._done:
            return self._done.wait_for(
                lambda: not self._waiting and not self._busy, timeout_seconds
            )

    def stop(self, timeout_seconds: float = STOP_TIMEOUT_SECONDS) -> bool:
        """Refuse further items, handle the rest and end; False at the timeout."""
        with self._came:
            self._stopping = True
            self._came.notify_all()
        end = time.monotonic() + timeout_seconds
        for thread in self._threads:
            thread.join(max(0.0, end - time.monotonic()))
        return not any(thread.is_alive() for thread in self._threads)

    def _has_room(self) -> bool:
        if len(self._waiting) < self._capacity:
            return True
        if self._drop_oldest:
            self._waiting.popleft()
            self.dropped += 1
        return self._drop_oldest

    def _start(self) -> None:
        for number in range(self._count):
            name = f"{self._name}-{number}" if self._count > 1 else self._name
            thread = threading.Thread(target=self._run, name=name, daemon=True)
            self._threads.append(thread)
            thread.start()
        if self._exit_timeout:
            atexit.register(self.flush, self._exit_timeout)

    def _run(self) -> None:
        while batch := self._take():
            try:
                self._function(batch)
            except Exception:
                logger.exception("%s: %d items are lost", self._name, len(batch))
            with self._done:
                self._busy -= 1
                self._done.notify_all()
            if self._period:
                time.sleep(self._period)

    def _take(self) -> list[T]:
        """Wait for items and return some; none when the worker was stopped."""
        with self._came:
            self._came.wait_for(lambda: self._waiting or self._stopping)
            count = min(self._batch_size, len(self._waiting))
            self._busy += bool(count)
            return [self._waiting.popleft() for _ in range(count)]
