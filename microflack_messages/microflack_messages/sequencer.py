"""Number changes after their commit, and push them with their numbers.

One thread does it for an instance. Changes that come close together share a
transaction; a change that comes alone does not wait.
"""

import atexit
import logging
import threading
import time
from collections import deque

from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from microflack_common import push
from microflack_common.audience import EVERYBODY
from microflack_messages import changes
from microflack_messages.changes import Committed

logger = logging.getLogger(__name__)

# Seconds between two transactions, and how many changes one takes at most.
GATHER = 0.1
BATCH = 200
# Seconds between two looks for changes of which nobody here was told.
LOOK = 2.0
# Seconds until the next try when the database is away.
PAUSE = 0.5
# Seconds that the last changes have when the process ends.
FAREWELL = 2.0


class Sequencer:
    """Takes changes over, numbers and pushes them in order."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._waiting: deque[Committed] = deque()
        self._changed = threading.Condition()
        self._busy = self._stopping = False
        self._looked = 0.0
        self._fails = False
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Start the thread, which ends with the process."""
        self._thread = threading.Thread(target=self._run, name="sequencer", daemon=True)
        self._thread.start()
        atexit.register(self.stop)

    def submit(self, change: Committed) -> None:
        """Have a change numbered and pushed soon. Call it after the commit."""
        with self._changed:
            self._waiting.append(change)
            self._changed.notify_all()

    def flush(self, timeout: float) -> bool:
        """Wait until all that was submitted is handed on; False at ``timeout``."""
        with self._changed:
            return self._changed.wait_for(
                lambda: not self._waiting and not self._busy, timeout
            )

    def stop(self) -> None:
        """End the thread; what it has not done then, others do."""
        done = self.flush(FAREWELL)
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        if self._thread:
            self._thread.join(FAREWELL)
        publisher: push.Publisher | None = self._app.extensions["microflack_push"]
        if done and publisher:
            publisher.flush(FAREWELL)

    def _run(self) -> None:
        while True:
            batch = self._take(self._looked + LOOK - time.monotonic())
            if self._stopping:
                return
            try:
                with self._app.app_context():
                    self._hand_on(batch)
            except SQLAlchemyError as error:
                # They stand in the database, and are found there.
                self._looked = 0.0
                if not self._fails:
                    logger.warning("Changes wait: %s", type(error).__name__)
                self._fails = True
                time.sleep(PAUSE)
            else:
                self._fails = False
                time.sleep(GATHER)

    def _take(self, timeout: float) -> list[Committed]:
        """Return what is to be done; nothing when it is time to look for more."""
        with self._changed:
            self._busy = False
            self._changed.notify_all()
            self._changed.wait_for(
                lambda: self._waiting or self._stopping, max(0.0, timeout)
            )
            self._busy = bool(self._waiting)
            count = min(BATCH, len(self._waiting))
            return [self._waiting.popleft() for _ in range(count)]

    def _hand_on(self, batch: list[Committed]) -> None:
        """Number and push changes, and now and then what else needs it."""
        if time.monotonic() >= self._looked + LOOK:
            forgotten = changes.unnumbered(BATCH)
            if len(forgotten) < BATCH:
                self._looked = time.monotonic()
            batch += forgotten
        if not batch:
            return
        for number, (model, revision) in changes.number(batch):
            push.updated_model(
                "Message",
                changes.with_change(model, number),
                audience=EVERYBODY,
                key=revision,
            )
