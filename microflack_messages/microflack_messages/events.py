"""What happens when a message is written: at once, and in the background."""

import logging
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

from flask import Flask, current_app
from sqlalchemy.exc import SQLAlchemyError

from microflack_common import push
from microflack_common.audience import EVERYBODY
from microflack_common.lifecycle import at_start
from microflack_messages import changes, models, rendering, store
from microflack_messages.changes import Committed
from microflack_messages.link_cards.fetch import CardFetcher
from microflack_messages.link_cards.worker import CardWorker
from microflack_messages.models import Message
from microflack_messages.sequencer import Sequencer

logger = logging.getLogger(__name__)

# At the start, changes of this period are looked at, but not more than so many, for
# some that were committed and never published. Those from before it, clients have
# fetched by themselves.
RECENT_SECONDS = 100
RECENT_LIMIT = 500


def init_app(app: Flask) -> None:
    """Have ``app`` number and publish changes and, if that is set, make link cards."""
    push.init_app(app)
    at_start(app, lambda: _publish_unpublished(app))
    sequencer = app.extensions["microflack_sequencer"] = Sequencer(app)
    at_start(app, sequencer.start)
    worker = None
    if app.config["LINK_CARDS"]:
        fetcher = CardFetcher(local=app.config["LINK_CARDS_LOCAL"])
        worker = CardWorker(app, fetcher, sequencer)
        at_start(app, worker.start)
    app.extensions["microflack_card_worker"] = worker


def post(user_id: int, source: str, key: str | None) -> dict[str, Any]:
    """Store a new message and return it; its link cards follow later.

    Markdown takes half a millisecond at most and is rendered here, so that every answer
    and every list has it. Web pages take as long as they like: they are asked in the
    background. Raises IntegrityError for a key that the user has used before.
    """
    rendered = rendering.render(source)
    values = _values(source, rendered)
    values |= {"user_id": user_id, "idempotency_key": key}
    values["created_at"] = values["updated_at"]
    expected = _expects_cards(rendered)
    values["id"] = store.insert_message(values, expected)
    return _announce(values, expected)


def edit(message: Message, source: str) -> None:
    """Give a message another text; its link cards follow later."""
    rendered = rendering.render(source)
    values = _values(source, rendered)
    values["updated_at"] = max(values["updated_at"], message.updated_at)
    expected = _expects_cards(rendered)
    store.update_message(message.id, values, expected)
    kept = {"id": message.id, "created_at": message.created_at}
    _announce(values | kept | {"user_id": message.user_id}, expected)


def _values(source: str, rendered: rendering.Rendered) -> dict[str, Any]:
    return {
        "updated_at": models.now(),
        "revision": uuid4().hex,
        "source": source,
        "html": rendered.html,
    }


def _expects_cards(rendered: rendering.Rendered) -> bool:
    return bool(rendered.links) and _card_worker() is not None


def _announce(values: dict[str, Any], expects_cards: bool) -> dict[str, Any]:
    """Tell everybody of a message that is committed; return it as the API shows it."""
    model = models.to_dict(SimpleNamespace(**values))
    sequencer: Sequencer = current_app.extensions["microflack_sequencer"]
    sequencer.submit(Committed(model, values["revision"]))
    worker = _card_worker()
    if expects_cards and worker:
        worker.submit(values["revision"])
    return model


def _card_worker() -> CardWorker | None:
    worker: CardWorker | None = current_app.extensions["microflack_card_worker"]
    return worker


def _publish_unpublished(app: Flask) -> None:
    """Publish what a process that died had numbered, but not published yet."""
    with app.app_context():
        try:
            # Before the first request, so that nothing of our own is among it.
            rows = changes.recent(RECENT_SECONDS, RECENT_LIMIT)
        except SQLAlchemyError as error:
            logger.warning("Cannot look for changes: %s", type(error).__name__)
            return
        for row in reversed(rows):
            model = changes.with_change(models.to_dict(row), row.number)
            push.updated_model(
                "Message",
                model,
                audience=EVERYBODY,
                key=row.revision,
                if_unpublished=True,
            )
