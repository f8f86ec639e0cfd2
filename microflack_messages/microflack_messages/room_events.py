"""Tell people of rooms: of the room itself, of how they see it, that it is gone.

That somebody came into a room or is not in it any more is stored together with it. What
a crash left unsaid, any instance says within seconds: whoever does not hear it may go
on hearing what is said in the room.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence

from flask import Flask
from redis import RedisError
from sqlalchemy import delete, select
from sqlalchemy.exc import SQLAlchemyError

from microflack_common import audience, push
from microflack_common.outage import Outage
from microflack_common.snapshot import snapshot
from microflack_common.within_requests import periodically
from microflack_common.workers import PeriodicTask
from microflack_messages import room_views
from microflack_messages.membership import News
from microflack_messages.models import db, now
from microflack_messages.permissions import hearers
from microflack_messages.room_models import PRIVATE, PUBLIC, PendingNews

# Between two looks for what was not said, and how long saying it may take.
LOOK_SECONDS = 5.0
# As many as are looked at and told at once.
BATCH_SIZE = 500

ROOM = "Room"


def init_app(app: Flask) -> None:
    """Have ``app`` look now and then for what was not said."""
    away = (SQLAlchemyError, RedisError)
    outage = Outage("Cannot look for unsaid news", "Looking again", away)
    task = PeriodicTask(
        "news", lambda: look(app), LOOK_SECONDS, outage, jitter=0.2, at_once=True
    )
    app.extensions["microflack_news"] = task
    periodically(app, task)


def tell_all(room_id: int) -> None:
    """Tell who is in a room that the room itself is changed. Call it after the commit.

    Each sees a direct room differently, and nothing of it changes. Of what is left of a
    deleted one nobody hears.
    """
    with db.engine.connect() as connection:
        room = room_views.of_all(connection, room_id)
    if room["kind"] in (PUBLIC, PRIVATE):
        push.updated_model(ROOM, room, audience=hearers(room_id))


def tell_views(room_id: int, user_ids: Collection[int]) -> None:
    """Tell people who are in a room how they see it. Call it after the commit."""
    with snapshot(db.engine) as connection:
        views = room_views.of_members(connection, room_id, user_ids)
    for user_id, view in views.items():
        push.updated_model(ROOM, view, audience=audience.user(user_id))


def tell(news: Iterable[News]) -> None:
    """Tell people whether they are in a room, and how they see it, as it is now.

    Call it after the commit.
    """
    by_room: dict[int, dict[int, str]] = {}
    for one in news:
        by_room.setdefault(one.room_id, {})[one.user_id] = one.key
    for room_id, keys in by_room.items():
        with snapshot(db.engine) as connection:
            views = room_views.of_members(connection, room_id, keys)
        for user_id, key in keys.items():
            who = audience.user(user_id)
            if user_id in views:
                push.updated_model(ROOM, views[user_id], audience=who, key=key)
            else:
                push.removed_model(ROOM, room_id, audience=who, key=key)


def look(app: Flask) -> None:
    """Say what was not said for some seconds; forget what was.

    Raises RedisError while nothing can be said: what waits for that is not to come
    again and again.
    """
    push.answers(app)
    with app.app_context():
        before = PendingNews.since <= now() - LOOK_SECONDS
        query = select(PendingNews.key, PendingNews.room_id, PendingNews.user_id)
        with db.engine.connect() as connection:
            found = connection.execute(query.where(before).limit(BATCH_SIZE))
            news = [News(*row) for row in found]
        if news:
            _settle(app, news)


def _settle(app: Flask, news: Sequence[News]) -> None:
    unsaid = push.unpublished(app, [one.key for one in news])
    tell([one for one in news if one.key in unsaid])
    said = [one for one in news if one.key not in unsaid]
    # Of two that were told by different instances the earlier may have come later.
    count = Counter((one.room_id, one.user_id) for one in said)
    tell(one for one in said if count[one.room_id, one.user_id] > 1)
    done = PendingNews.key.in_([one.key for one in said])
    with db.engine.begin() as connection:
        connection.execute(delete(PendingNews).where(done))
