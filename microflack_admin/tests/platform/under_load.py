"""Clients that ask a platform all the time, while a test does something to it."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from platforms import Platform


@contextmanager
def under_load(
    platform: Platform, clients: int = 4, path: str = "/api/echo"
) -> Iterator[set[int]]:
    """Ask meanwhile; yields the statuses of all answers, which are there at the end."""
    stop, statuses = threading.Event(), set[int]()

    def ask() -> None:
        while not stop.is_set():
            statuses.add(platform.get(path)[0])

    with ThreadPoolExecutor(clients) as pool:
        asking = [pool.submit(ask) for _ in range(clients)]
        try:
            yield statuses
        finally:
            stop.set()
        for one in asking:
            one.result()
