"""Ask another service something in the background, until it answers."""

import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

from microflack_common.errors import ServiceUnavailable
from microflack_common.outage import Outage, backoff
from microflack_common.workers import BatchWorker

T = TypeVar("T")

# So many questions are asked at the same time.
WORKERS = 8
# More than there are connections, on whose behalf something is asked.
CAPACITY = 1_000_000
# The pauses after a question that was not answered, growing, with jitter.
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.2, 4.0


class Retries(Generic[T]):
    """Calls a function with each question, and again later if it raises an error.

    A service that is away is asked no oftener for many questions than for a few.

    :param name: the threads', and what is logged.
    """

    def __init__(self, name: str, ask: Callable[[T], object]) -> None:
        self._ask = ask
        self._worker = BatchWorker(name, self._try, 1, CAPACITY, threads=WORKERS)
        self._outage = Outage(
            f"No answer about {name}", f"Answers about {name} again", ServiceUnavailable
        )
        self._lock = threading.Lock()
        self._pauses = backoff(FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS)

    def submit(self, question: T) -> None:
        """Have a question asked soon."""
        self._worker.submit(question)

    def _try(self, questions: list[T]) -> None:
        try:
            self._ask(questions[0])
        except Exception as error:
            self._outage.begin(error)
            with self._lock:
                pause = next(self._pauses)
            time.sleep(pause)
            self.submit(questions[0])
        else:
            self._outage.end()
            with self._lock:
                self._pauses = backoff(FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS)
