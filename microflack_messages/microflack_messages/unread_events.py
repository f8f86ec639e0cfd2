"""Tell those for whom something is not unread any more since it was changed.

A new message tells of itself. When one is deleted, or names others than before, what
its readers-to-be are shown of the room changes with it. They may be many, so they are
told in the background.
"""

from typing import NamedTuple

from flask import Flask, current_app
from sqlalchemy import bindparam, select

from microflack_common.within_requests import before_answers
from microflack_common.workers import BatchWorker
from microflack_messages import room_events
from microflack_messages.models import db
from microflack_messages.room_models import RoomMember

# Changes that wait, and how many people are told at once.
CAPACITY = 1000
BATCH_SIZE = 500
# How long an answer waits until they are told, where nothing goes on after it.
ANSWER_TIMEOUT_SECONDS = 2.0

_WAITING = select(RoomMember.user_id).where(
    RoomMember.room_id == bindparam("room_id"),
    RoomMember.read_up_to < bindparam("message_id"),
    RoomMember.user_id != bindparam("author_id"),
)


class ChangedMessage(NamedTuple):
    """A message that was changed, not only made."""

    room_id: int
    message_id: int
    author_id: int


def init_app(app: Flask) -> None:
    """Let ``app`` tell people in the background."""

    def tell(batch: list[ChangedMessage]) -> None:
        with app.app_context():
            for one in batch:
                _tell(one)

    worker = BatchWorker("unread", tell, 1, CAPACITY, drop_oldest=True)
    app.extensions["microflack_unread"] = worker
    before_answers(app, lambda: worker.flush(ANSWER_TIMEOUT_SECONDS))


def message_changed(room_id: int, message_id: int, author_id: int) -> None:
    """Have those told who have not read a message that is deleted, or names others.

    Call it after the commit; it returns at once.
    """
    worker: BatchWorker[ChangedMessage] = current_app.extensions["microflack_unread"]
    worker.submit(ChangedMessage(room_id, message_id, author_id))


def _tell(message: ChangedMessage) -> None:
    with db.engine.connect() as connection:
        waiting = list(connection.scalars(_WAITING, message._asdict()))
    for first in range(0, len(waiting), BATCH_SIZE):
        some = waiting[first : first + BATCH_SIZE]
        room_events.tell_views(message.room_id, some)
