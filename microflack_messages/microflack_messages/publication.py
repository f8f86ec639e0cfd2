"""Publish changes to those who may read them, each with its number.

The numbers that were published are in Redis. What an instance has committed and did not
come to publish, since it died, is found there by another one, and published.
"""

from collections.abc import Iterable
from typing import Any

from flask import Flask
from sqlalchemy import bindparam, select
from sqlalchemy.exc import SQLAlchemyError

from microflack_common import push
from microflack_common.outage import Outage
from microflack_common.published_numbers import Number
from microflack_common.within_requests import before_answers, periodically
from microflack_common.workers import PeriodicTask
from microflack_messages.models import COLUMNS, Message, Room, db, to_dict
from microflack_messages.permissions import hearers
from microflack_messages.room_models import DELETED, REMOVED

# Between two looks for what was not published. A change has at least as long to be.
LOOK_SECONDS = 5.0
# How long an answer waits until its changes are published, where nothing goes on after
# it.
ANSWER_TIMEOUT_SECONDS = 2.0

_NUMBERED = (
    select(*COLUMNS)
    .where(Message.room_id == bindparam("room_id"))
    .where(Message.change.in_(bindparam("numbers", expanding=True)))
    .order_by(Message.change)
)
# Of what is left of a deleted room nobody hears.
_LAST_CHANGES = select(Room.id, Room.last_change).where(
    Room.kind.not_in([DELETED, REMOVED])
)


def init_app(app: Flask) -> None:
    """Have ``app`` look for what was not published, now and then."""
    push.init_app(app)
    look = _Look(app)
    outage = Outage(
        "Cannot look for unpublished changes", "Looking again", SQLAlchemyError
    )
    task = PeriodicTask("unpublished", look.look, LOOK_SECONDS, outage, at_once=True)
    app.extensions["microflack_unpublished"] = task
    if app.config["REDIS"]:
        periodically(app, task)
        before_answers(app, lambda: push.flush(app, ANSWER_TIMEOUT_SECONDS))


def publish(model: dict[str, Any]) -> None:
    """Tell who may read a message that it is new or changed. Call it after the commit.

    :param model: as the API shows it; it must not be changed any more.
    """
    room_id = model["room_id"]
    push.updated_model(
        "Message",
        model,
        audience=hearers(room_id),
        number=Number(_counter(room_id), model["change"]),
    )


def publish_numbers(room_id: int, numbers: Iterable[int]) -> None:
    """Publish the changes with these numbers, except those that others followed."""
    values = {"room_id": room_id, "numbers": list(numbers)}
    with db.engine.connect() as connection:
        rows = list(connection.execute(_NUMBERED, values))
    for row in rows:
        publish(to_dict(row))


def _counter(room_id: int) -> str:
    return f"messages:{room_id}"


class _Look:
    """Compares, room by room, what is committed with what was published."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._seen: dict[int, int] = {}
        self._checked: dict[int, int] = {}

    def look(self) -> None:
        """Publish what was committed before the last look and is not published."""
        with self._app.app_context():
            for room_id, last in self._seen.items():
                if self._checked.get(room_id) != last:
                    self._check(room_id, last)
            with db.engine.connect() as connection:
                rows = connection.execute(_LAST_CHANGES)
                self._seen = {row.id: row.last_change for row in rows}

    def _check(self, room_id: int, last: int) -> None:
        missing = push.unpublished_numbers(self._app, _counter(room_id), last)
        publish_numbers(room_id, missing)
        self._checked[room_id] = last
