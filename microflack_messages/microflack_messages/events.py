"""What happens when a message is written: at once, and in the background."""

from collections.abc import Sequence
from typing import Any
from uuid import uuid4

from flask import Flask, current_app
from sqlalchemy import Row

from microflack_common import traces
from microflack_common.errors import ServiceUnavailable
from microflack_common.within_requests import before_answers, periodically
from microflack_messages import models, permissions, rendering
from microflack_messages.changes import NewMessage
from microflack_messages.files import attachments
from microflack_messages.link_cards.fetch import CardFetcher
from microflack_messages.link_cards.worker import CardWorker
from microflack_messages.mentioned import NOBODY, mentioned
from microflack_messages.reactions import ReactionChange
from microflack_messages.unread_events import message_changed
from microflack_messages.updates import Deletion, MessageUpdate
from microflack_messages.web_push.calls import may_call, may_mention
from microflack_messages.writer import Writer


def init_app(app: Flask) -> None:
    """Have ``app`` store changes and, if that is set, make link cards."""
    writer = app.extensions["microflack_writer"] = Writer()
    worker = None
    if app.config["LINK_CARDS"]:
        fetcher = CardFetcher(local=app.config["LINK_CARDS_LOCAL"])
        worker = CardWorker(app, fetcher, writer)
        periodically(app, worker.rescans)
        before_answers(app, worker.flush)
    app.extensions["microflack_card_worker"] = worker


def post(
    user_id: int,
    room_id: int,
    source: str,
    key: str | None,
    reply_to: int | None,
    file_ids: Sequence[int] = (),
) -> dict[str, Any]:
    """Store a new message and return it; its link cards follow later.

    Markdown takes half a millisecond at most and is rendered here, so that every answer
    and every list has it. Web pages take as long as they like: they are asked in the
    background. Raises IntegrityError for a key that the user has used before, and
    NotThere for files that cannot be sent.
    """
    rendered = rendering.render(source)
    values = _values(source, rendered)
    values |= {"user_id": user_id, "room_id": room_id, "idempotency_key": key}
    values |= {"reply_to": reply_to, "mentions": mentioned(source, room_id)}
    values["created_at"] = values["updated_at"]
    values["files"] = attachments.describe(file_ids, room_id, user_id)
    calls = may_call(room_id, values["mentions"])
    new = NewMessage(values, _expects_cards(rendered), file_ids, calls)
    stored = _writer().write(new)
    if stored is None:
        # The room has been archived or deleted just now, or its author has left.
        permissions.require_writing(room_id, user_id, "room_id")
        raise ServiceUnavailable("The room has just changed. Try again.")
    _make_cards(rendered, values["revision"])
    return stored.model


def edit(message: Row[Any], source: str) -> bool:
    """Give a message another text; its link cards follow later.

    Returns False if the message is not there any more.
    """
    rendered = rendering.render(source)
    values = _values(source, rendered)
    values["edited_at"] = values["updated_at"]
    values["mentions"] = mentioned(source, message.room_id)
    expected = _expects_cards(rendered)
    change = MessageUpdate(
        message.room_id,
        message.id,
        values,
        expected,
        calls_added=may_mention(values["mentions"]),
    )
    if not _writer().write(change):
        return False
    if values["mentions"] != (message.mentions or NOBODY):
        message_changed(message.room_id, message.id, message.user_id)
    _make_cards(rendered, values["revision"])
    return True


def delete(message: Row[Any]) -> None:
    """Leave no more of a message than the trace that there was one."""
    if _writer().write(Deletion(message.room_id, message.id)):
        message_changed(message.room_id, message.id, message.user_id)


def react(message: Row[Any], emoji: str, user_id: int, present: bool) -> bool:
    """Add a user's reaction to a message, or take it away.

    Returns False if there was nothing to change, or the message cannot have it.
    """
    change = ReactionChange(message.room_id, message.id, emoji, user_id, present)
    return _writer().write(change) is not None


def _values(source: str, rendered: rendering.Rendered) -> dict[str, Any]:
    return {
        "updated_at": models.now(),
        "revision": uuid4().hex,
        "source": source,
        "html": rendered.html,
    }


def _expects_cards(rendered: rendering.Rendered) -> bool:
    return bool(rendered.links) and _card_worker() is not None


def _make_cards(rendered: rendering.Rendered, revision: str) -> None:
    worker = _card_worker()
    if rendered.links and worker:
        worker.submit(revision, traces.origin())


def _card_worker() -> CardWorker | None:
    worker: CardWorker | None = current_app.extensions["microflack_card_worker"]
    return worker


def _writer() -> Writer:
    writer: Writer = current_app.extensions["microflack_writer"]
    return writer
