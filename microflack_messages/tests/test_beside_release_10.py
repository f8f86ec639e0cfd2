"""Instances of release 10, which know no rooms of people, work on the same database."""

import time
from uuid import uuid4

import pytest
from sqlalchemy import text

from microflack_messages.models import db
from microflack_messages.transactions import begin

# What that release runs when somebody posts or edits.
TAKE = text("UPDATE rooms SET last_change = last_change + 1 WHERE id = :room_id")
LAST = text("SELECT last_change FROM rooms WHERE id = :room_id")
INSERT = text(
    "INSERT INTO messages (created_at, updated_at, revision, source, html, user_id, "
    "room_id, `change`) VALUES (:at, :at, :revision, :source, :source, :user_id, "
    ":room_id, :number)"
)
# What it asks before it shows a room.
ACCESS = text(
    "SELECT rooms.kind, room_members.user_id FROM rooms LEFT OUTER JOIN room_members "
    "ON room_members.room_id = rooms.id AND room_members.user_id = :user_id "
    "WHERE rooms.id = :room_id"
)


@pytest.fixture
def say_by_release_10(app):
    """Return a function that stores a message as that release does."""

    def say(room_id, user_id):
        with app.app_context(), db.engine.connect() as connection:
            begin(connection)
            connection.execute(TAKE, {"room_id": room_id})
            number = connection.scalar(LAST, {"room_id": room_id})
            values = {"at": int(time.time()), "revision": uuid4().hex, "source": "old"}
            own = {"room_id": room_id, "user_id": user_id, "number": number}
            connection.execute(INSERT, values | own)
            connection.commit()

    return say


def test_what_it_writes_is_unread_at_once(chat, say_by_release_10):
    room = chat.make(1, members=[2])
    before = chat.call("GET", "/api/rooms", 2).headers["ETag"]
    for room_id in (1, room["id"]):
        say_by_release_10(room_id, 1)
    assert chat.call("GET", "/api/rooms", 2).headers["ETag"] != before
    rooms = chat.rooms(2)
    assert [rooms[one]["unread"] for one in (1, room["id"])] == [1, 1]
    assert rooms[room["id"]]["last_message_at"] >= room["created_at"]
    assert chat.rooms(1)[room["id"]]["unread"] == 0


@pytest.mark.parametrize("end", ["delete", "leave"])
def test_it_shows_nobody_a_room_that_was_deleted(chat, app, end):
    room = chat.make(1)
    path = room["_links"]["self"]
    assert chat.delete(path if end == "delete" else f"{path}/members/1") == 204
    with app.app_context():
        values = {"room_id": room["id"], "user_id": 1}
        row = db.session.execute(ACCESS, values).one()
    assert (row.kind == "public", row.user_id) == (False, None)
