"""What happens when a message is written: at once, and in the background."""

from flask import Flask, current_app

from microflack_common.background import at_start
from microflack_messages import models, rendering
from microflack_messages.background import Renderer
from microflack_messages.cards import Expander
from microflack_messages.models import Message, db
from microflack_messages.pages import PageFetcher


def init_app(app: Flask) -> None:
    """Have ``app`` expand links in the background, if that is wanted."""
    renderer = None
    if app.config["LINK_CARDS"]:
        fetcher = PageFetcher(local=app.config["LINK_CARDS_LOCAL"])
        renderer = Renderer(app, Expander(fetcher))
        at_start(app, renderer.start)
    app.extensions["microflack_renderer"] = renderer


def write(message: Message, source: str) -> None:
    """Store a message with a new text; its link cards follow later.

    Markdown takes half a millisecond and is rendered here, so that every answer and
    every list has it. Web pages take as long as they like: they are asked in the
    background.
    """
    rendered = rendering.render(source)
    message.write(source, rendered.html)
    db.session.add(message)
    renderer: Renderer | None = current_app.extensions["microflack_renderer"]
    expected = renderer is not None and bool(rendered.links)
    if expected:
        models.expect_cards(message)
    db.session.commit()
    if renderer is not None and expected:
        renderer.submit(message.revision)
