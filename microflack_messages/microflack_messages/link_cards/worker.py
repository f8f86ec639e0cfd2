"""Make link cards in a few background threads.

What is to be done stands in the database. The queue in memory only says what to do
next: when it is full or lost in a crash, the database is asked again.
"""

import logging
import queue
import threading
from types import SimpleNamespace
from uuid import uuid4

from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from microflack_messages import models, rendering, store
from microflack_messages.changes import Committed
from microflack_messages.link_cards.fetch import CardFetcher
from microflack_messages.link_cards.html import to_html
from microflack_messages.sequencer import Sequencer

logger = logging.getLogger(__name__)

# Messages whose pages are asked at the same time, and how many more may wait in memory.
THREADS = 8
CAPACITY = 1000
# Seconds after which somebody looks for what was forgotten: by a full queue, or by an
# instance that died and was not started again.
RESCAN_SECONDS = 60


class CardWorker:
    """Adds cards to stored messages."""

    def __init__(self, app: Flask, fetcher: CardFetcher, sequencer: Sequencer) -> None:
        self._app = app
        self._sequencer = sequencer
        self._fetcher = fetcher
        self._queue: queue.Queue[str] = queue.Queue(CAPACITY)

    def start(self) -> None:
        """Start the threads, which end with the process."""
        for number in range(THREADS):
            rescans = number == 0
            work = threading.Thread(
                target=self._work, args=(rescans,), name=f"cards-{number}", daemon=True
            )
            work.start()

    def submit(self, revision: str) -> None:
        """Have the cards of a stored revision made soon; returns at once."""
        try:
            self._queue.put_nowait(revision)
        except queue.Full:
            logger.warning("Too many link cards to make: %s is made later", revision)

    def _work(self, rescans: bool) -> None:
        if rescans:
            self._rescan(waiting_seconds=0)
        while True:
            try:
                revision = self._queue.get(timeout=RESCAN_SECONDS if rescans else None)
            except queue.Empty:
                self._rescan(RESCAN_SECONDS)
            else:
                self._work_on(revision)

    def _rescan(self, waiting_seconds: int) -> None:
        with self._app.app_context():
            try:
                found = store.pending_cards(models.now() - waiting_seconds, CAPACITY)
            except SQLAlchemyError as error:
                logger.warning(
                    "Cannot look for pending cards: %s", type(error).__name__
                )
                return
        for revision in found:
            self.submit(revision)

    def _work_on(self, revision: str) -> None:
        with self._app.app_context():
            try:
                self._make_cards(revision)
            except SQLAlchemyError as error:
                # It is still in the database, and is found there.
                logger.warning("Link cards have to wait: %s", type(error).__name__)
            except Exception:
                # Whatever it is, it would be the same the next time.
                logger.exception("Link cards of %s cannot be made", revision)
                store.give_up_cards(revision)

    def _make_cards(self, revision: str) -> None:
        """Ask the pages; no connection to the database is held meanwhile."""
        message = store.find_pending_message(revision)
        found = []
        if message:
            found = self._fetcher.fetch_cards(rendering.render(message.source).links)
        if not message or not found:
            store.give_up_cards(revision)
            return
        values = message._asdict()
        values["html"] += "".join(map(to_html, found))
        values["updated_at"] = max(models.now(), message.updated_at)
        values["revision"] = uuid4().hex
        if store.save_cards(revision, values):
            model = models.to_dict(SimpleNamespace(**values))
            self._sequencer.submit(Committed(model, values["revision"]))
