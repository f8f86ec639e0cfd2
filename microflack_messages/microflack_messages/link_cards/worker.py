"""Make link cards in the background.

What is to be done stands in the database. The queue in memory only says what to do
next: when it is full or lost in a crash, the database is asked again.
"""

import logging
from uuid import uuid4

from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from microflack_common import traces
from microflack_common.errors import ServiceUnavailable
from microflack_common.outage import Outage
from microflack_common.traces import Origin
from microflack_common.workers import BatchWorker, PeriodicTask
from microflack_messages import models, rendering, store
from microflack_messages.link_cards.fetch import CardFetcher
from microflack_messages.link_cards.html import to_html
from microflack_messages.updates import MessageUpdate
from microflack_messages.writer import Writer

logger = logging.getLogger(__name__)

THREADS = 8
CAPACITY = 1000
RESCAN_SECONDS = 60.0
# More than the pages of one message may take.
FLUSH_TIMEOUT_SECONDS = 6.0


class CardWorker:
    """Adds cards to stored messages.

    :param writer: stores messages with their cards.
    :param threads: how many messages get their cards at the same time.
    :param capacity: how many more may wait in memory.
    :param rescan_seconds: between two looks for messages that wait for longer than
        this: they found no place in memory, or their instance died.
    """

    def __init__(
        self,
        app: Flask,
        fetcher: CardFetcher,
        writer: Writer,
        *,
        threads: int = THREADS,
        capacity: int = CAPACITY,
        rescan_seconds: float = RESCAN_SECONDS,
    ) -> None:
        self._app = app
        self._fetcher = fetcher
        self._writer = writer
        self._capacity = capacity
        self._rescan_seconds = rescan_seconds
        self._worker = BatchWorker("cards", self._work, 1, capacity, threads=threads)
        self._outage = Outage(
            "Link cards have to wait", "Link cards are made again", SQLAlchemyError
        )
        #: Looks for messages that wait for cards.
        self.rescans = PeriodicTask(
            "rescan", self._rescan, rescan_seconds, self._outage, at_once=True
        )
        # The first look is for all that the process before has left.
        self._overdue_seconds = 0.0

    def start(self) -> None:
        """Begin to look for messages that wait for cards."""
        self.rescans.start()

    def stop(self) -> None:
        """Look for no more; what is under way goes on."""
        self.rescans.stop()

    def submit(self, revision: str, origin: Origin | None = None) -> None:
        """Have the cards of a stored revision made soon; returns at once.

        :param origin: leads back to the request that stored it, if that is followed.
        """
        if not self._worker.submit((revision, origin)):
            logger.warning("Too many link cards to make: %s is made later", revision)

    def flush(self) -> None:
        """Wait until all are made, but not too long: the rest is made later."""
        self._worker.flush(FLUSH_TIMEOUT_SECONDS)

    def _rescan(self) -> None:
        with self._app.app_context():
            before = int(models.now() - self._overdue_seconds)
            revisions = store.pending_cards(before, self._capacity)
        self._overdue_seconds = self._rescan_seconds
        for revision in revisions:
            self.submit(revision)

    def _work(self, batch: list[tuple[str, Origin | None]]) -> None:
        for revision, origin in batch:
            with (
                self._app.app_context(),
                traces.begin_linked("make link cards", origin),
            ):
                self._try_to_make_cards(revision)

    def _try_to_make_cards(self, revision: str) -> None:
        try:
            self._make_cards(revision)
        except (SQLAlchemyError, ServiceUnavailable) as error:
            # It is still in the database, and is found there.
            self._outage.begin(error)
        except Exception:
            # Whatever it is, it would be the same the next time.
            logger.exception("Link cards of %s cannot be made", revision)
            store.give_up_cards(revision)
        else:
            self._outage.end()

    def _make_cards(self, revision: str) -> None:
        """Ask the pages; no connection to the database is held meanwhile."""
        message = store.find_pending_message(revision)
        found = []
        if message:
            found = self._fetcher.fetch_cards(rendering.render(message.source).links)
        if not message or not found:
            store.give_up_cards(revision)
            return
        values = {
            "html": message.html + "".join(map(to_html, found)),
            "updated_at": models.now(),
            "revision": uuid4().hex,
        }
        # If the message was changed in the meantime, this changes nothing.
        update = MessageUpdate(message.room_id, message.id, values, replaces=revision)
        self._writer.write(update)
