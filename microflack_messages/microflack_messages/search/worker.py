"""Index messages in the background."""

import time

from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from microflack_common.outage import Outage
from microflack_common.within_requests import periodically
from microflack_common.workers import PeriodicTask
from microflack_messages.models import db
from microflack_messages.search.indexing import Backlog, backlogs, index_some

# Between two looks for what is not indexed: until then, a search looks at it itself.
PERIOD_SECONDS = 1.0
# After each step it rests for so many times as long: requests go first.
REST = 3


class IndexWorker:
    """Keeps the index of an application's messages up to date."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        outage = Outage(
            "Messages cannot be indexed", "They are indexed again", SQLAlchemyError
        )
        #: Looks for messages that are not indexed.
        self.task = PeriodicTask(
            "index", self._index_all, PERIOD_SECONDS, outage, jitter=0.5
        )

    def stop(self) -> None:
        """Look for no more."""
        self.task.stop()

    def _index_all(self) -> None:
        with self._app.app_context():
            with db.engine.connect() as connection:
                waiting = backlogs(connection)
            for backlog in waiting:
                if not self._index(backlog):
                    return

    def _index(self, backlog: Backlog) -> bool:
        """Index what is waiting in a room; False if the rest of all is left."""
        left: Backlog | None = backlog
        while left:
            begun = time.monotonic()
            left = index_some(db.engine, left)
            if self.task.wait(REST * (time.monotonic() - begun)):
                return False
        return True


def init_app(app: Flask) -> None:
    """Have ``app`` index its messages."""
    worker = app.extensions["microflack_index_worker"] = IndexWorker(app)
    periodically(app, worker.task)
