"""Remove what was said in rooms that were deleted.

From the moment of its deletion nobody reads a room. Its messages go afterwards, some at
a time: nobody waits for them, and a crash only means that others go on.

Whatever belongs to messages adds to ``STEPS`` what removes it.
"""

from collections.abc import Callable, Sequence

from flask import Flask
from sqlalchemy import Connection, delete, func, select, update
from sqlalchemy.exc import SQLAlchemyError

from microflack_common.outage import Outage
from microflack_common.within_requests import periodically
from microflack_common.workers import PeriodicTask
from microflack_messages.models import Message, PendingCard, db
from microflack_messages.room_models import DELETED, REMOVED, Room
from microflack_messages.search import postings
from microflack_messages.updates import TRACE

# Between two looks for rooms that were deleted.
LOOK_SECONDS = 5.0
# Messages that go at once: few enough for every time limit.
CHUNK = 500


def _remove_cards(connection: Connection, message_ids: Sequence[int]) -> None:
    these = PendingCard.message_id.in_(message_ids)
    connection.execute(delete(PendingCard).where(these))


def _remove_words(connection: Connection, message_ids: Sequence[int]) -> None:
    postings.lock(connection)
    postings.forget(connection, message_ids)


#: What removes all that belongs to some messages, before they go themselves.
STEPS: list[Callable[[Connection, Sequence[int]], object]] = [
    _remove_cards,
    _remove_words,
]


def init_app(app: Flask) -> None:
    """Have ``app`` look for deleted rooms now and then."""
    outage = Outage(
        "Cannot remove messages of deleted rooms", "Removing again", SQLAlchemyError
    )

    def look() -> None:
        with app.app_context():
            remove_all(is_over=lambda: task.wait(0))

    task = PeriodicTask("purge", look, LOOK_SECONDS, outage, jitter=0.5)
    app.extensions["microflack_purge"] = task
    periodically(app, task)


def remove_all(is_over: Callable[[], bool] = lambda: False) -> None:
    """Remove all that was said in deleted rooms.

    :param is_over: says when the rest is left for the next time.
    """
    deleted = select(Room.id).where(Room.kind == DELETED)
    with db.engine.connect() as connection:
        room_ids = list(connection.scalars(deleted))
    for room_id in room_ids:
        while _remove_some(room_id):
            if is_over():
                return
        _finish(room_id)


def _remove_some(room_id: int) -> bool:
    """Remove some messages of a room; say whether there may be more."""
    newest = select(func.max(Message.id)).scalar_subquery()
    some = select(Message.id).where(Message.room_id == room_id, Message.id < newest)
    with db.engine.begin() as connection:
        message_ids = list(connection.scalars(some.limit(CHUNK)))
        _remove(connection, message_ids)
        connection.execute(delete(Message).where(Message.id.in_(message_ids)))
    return bool(message_ids)


def _finish(room_id: int) -> None:
    """Note that nothing is left of a room.

    The newest of all messages leaves an empty row until there is a newer one: SQLite
    would give its id to that one, and clients know who had it.
    """
    rest = select(Message.id).where(Message.room_id == room_id)
    with db.engine.begin() as connection:
        message_ids = list(connection.scalars(rest))
        if message_ids:
            _remove(connection, message_ids)
            these = update(Message.__table__).where(Message.id.in_(message_ids))
            connection.execute(these.values(TRACE | {"idempotency_key": None}))
            return
        this = update(Room.__table__).where(Room.id == room_id)
        connection.execute(this.values(kind=REMOVED))


def _remove(connection: Connection, message_ids: Sequence[int]) -> None:
    for step in STEPS if message_ids else ():
        step(connection, message_ids)
