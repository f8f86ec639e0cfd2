"""What happens when a message is written: rendering, then link cards."""

import logging

from flask import Flask, current_app
from sqlalchemy.exc import SQLAlchemyError

from microflack_messages import cards, models, rendering
from microflack_messages.models import Message, db
from microflack_messages.pages import PageFetcher

logger = logging.getLogger(__name__)


def init_app(app: Flask) -> None:
    """Give ``app`` what it expands links with."""
    fetcher = PageFetcher(local=app.config["LINK_CARDS_LOCAL"])
    expander = cards.Expander(fetcher) if app.config["LINK_CARDS"] else None
    app.extensions["microflack_cards"] = expander


def write(message: Message, source: str) -> None:
    """Store a message with a new text, then expand its links while the client waits."""
    rendered = rendering.render(source)
    message.write(source, rendered.html)
    db.session.add(message)
    db.session.commit()
    expand(message, rendered)


def expand(message: Message, rendered: rendering.Rendered) -> None:
    """Show title and description of the pages that a stored message links to.

    No connection to the database is held while the pages are asked.
    """
    expander: cards.Expander | None = current_app.extensions["microflack_cards"]
    if expander is None or not rendered.links:
        return
    found = expander.cards(rendered.links)
    if not found:
        return
    try:
        models.set_html(message, rendered.html + "".join(map(cards.to_html, found)))
    except SQLAlchemyError as error:
        # The message itself is stored: its author must not be told otherwise.
        logger.warning("Link cards are lost: %s", type(error).__name__)
