"""Write into the registry what must never be missing there, and again if it is lost.

The truth is elsewhere, such as in the database of the service that writes. The last key
that is written says that all the others are there: where it is missing, the registry
has lost its data. The watch that the keys have tells so; nobody has to ask, where
there is one.
"""

from collections.abc import Callable
from functools import partial

from flask import Flask

from microflack_common.outage import Outage
from microflack_common.registry import RegistryError
from microflack_common.watched_keys import WatchedKeys
from microflack_common.within_requests import periodically
from microflack_common.workers import PeriodicTask

COMPLETE = "complete"

# How often is looked whether the last key is known to be there.
PERIOD_SECONDS = 0.5


class RepublishedKeys:
    """Keys that are written at the start, and whenever ``complete`` is missing.

    :param keys: where they are kept.
    :param write_all: writes all but the last one; called in a thread, with an
        application context. Another instance may do the same at the same time.
    """

    def __init__(self, keys: WatchedKeys, write_all: Callable[[], object]) -> None:
        self._keys = keys
        self._write_all = write_all
        # How often all was to be written, and which of these times was done last.
        self._wanted = 1
        self._written = 0

    def init_app(self, app: Flask) -> None:
        """Begin when ``app`` serves."""
        name = f"{self._keys.what} for all"
        outage = Outage(f"{name} wait", f"{name} are written", RegistryError)
        look = partial(self._look, app)
        task = PeriodicTask(
            name, look, PERIOD_SECONDS, outage, jitter=0.5, at_once=True
        )
        periodically(app, task)

    def write_again(self) -> None:
        """Have all keys written soon, since one could not be."""
        self._wanted += 1

    def check(self) -> None:
        """Return if all is written; raise RegistryError if not yet, or not again."""
        if self._written < self._wanted:
            raise RegistryError(f"not all {self._keys.what} have been written yet")

    def _look(self, app: Flask) -> None:
        wanted = self._wanted
        if self._written < wanted or COMPLETE not in self._keys.current():
            with app.app_context():
                self._write_all()
            self._keys.put(COMPLETE, "1")
            self._written = wanted
