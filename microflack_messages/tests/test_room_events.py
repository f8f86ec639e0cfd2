"""Who hears of what changes in rooms, through a real Redis."""

import json
import time

import pytest
import redis
from chat import ADMIN, registry_that_knows
from sqlalchemy import text

from microflack_messages import (
    membership,
    room_events,
    transactions,
    unread_events,
)
from microflack_messages.models import db


@pytest.fixture(scope="module")
def registry():
    """Return a registry that knows an administrator."""
    return registry_that_knows(ADMIN)


@pytest.fixture(scope="module")
def settings(settings, queue):
    """Return settings with a queue."""
    return settings | {"REDIS": queue.address}


@pytest.fixture
def heard(app, queue):
    """Return a function for what was said of rooms since the last call."""
    listener = redis.Redis(port=queue.port).pubsub(ignore_subscribe_messages=True)
    listener.subscribe("flask-socketio")
    listener.get_message(timeout=5)

    def heard(count):
        found, end = [], time.monotonic() + 20
        while len(found) < count and time.monotonic() < end:
            message = listener.get_message(timeout=0.1)
            said = json.loads(message["data"]) if message else {"data": [{}]}
            if said["data"][0].get("class") == "Room":
                found.append((said["event"], said["room"], said["data"][0]))
        assert app.extensions["microflack_push"].flush(10)
        return found

    yield heard
    listener.close()


def told(found):
    """Return what was said to whom, without the models."""
    return sorted((event, room) for event, room, _ in found)


def test_who_is_in_a_new_room_hears_of_it(chat, heard):
    room = chat.make(1, members=[2])
    found = heard(2)
    assert told(found) == [("updated_model", "user:1"), ("updated_model", "user:2")]
    views = {where: data["model"] for _, where, data in found}
    assert views["user:1"] == room
    assert views["user:2"] == chat.get(room["_links"]["self"], 2)


def test_each_hears_of_a_direct_room_as_he_sees_it(chat, heard):
    room = chat.make(1, "direct", members=[2])
    names = {where: data["model"]["name"] for _, where, data in heard(2)}
    assert names == {"user:1": "User 2", "user:2": "User 1"}
    assert room["name"] == "User 2"


def test_who_is_in_a_room_hears_that_it_changes(chat, heard):
    room = chat.make(1, members=[2])
    heard(2)
    assert chat.put(room["_links"]["self"], 1, {"name": "cave"}) == 204
    ((event, where, data),) = heard(1)
    assert (event, where) == ("updated_model", f"room:{room['id']}")
    assert data["model"]["name"] == "cave"
    # It goes to several people: nothing in it is only one's own.
    assert not {"unread", "mentions", "read_up_to", "notify", "role"} & set(
        data["model"]
    )
    assert chat.put(room["_links"]["self"], 1, {"name": "cave"}) == 204
    chat.make(1)
    # That it did not change is not said.
    assert told(heard(1)) == [("updated_model", "user:1")]


def test_everybody_hears_of_the_room_of_everybody(chat, heard):
    assert chat.put("/api/rooms/1", ADMIN, {"topic": "hello"}) == 204
    ((event, where, data),) = heard(1)
    assert (event, where, data["model"]["id"]) == ("updated_model", None, 1)


def test_who_comes_and_goes_hears_of_it_and_the_others_of_how_many_they_are(
    chat, heard
):
    room = chat.make(1)
    heard(1)
    member, everybody = f"{room['_links']['members']}/2", f"room:{room['id']}"
    assert chat.put(member, 1) == 204
    found = heard(2)
    assert told(found) == [("updated_model", everybody), ("updated_model", "user:2")]
    assert {data["model"]["members"] for _, _, data in found} == {2}
    assert chat.delete(member, 2) == 204
    found = heard(2)
    assert told(found) == [("removed_model", "user:2"), ("updated_model", everybody)]
    gone = next(data for event, _, data in found if event == "removed_model")
    assert gone == {"class": "Room", "id": room["id"]}


def test_who_owns_a_room_now_hears_of_it(chat, heard):
    room = chat.make(1, members=[2])
    heard(2)
    assert chat.delete(f"{room['_links']['members']}/1", 1) == 204
    found = {where: (event, data) for event, where, data in heard(3)}
    assert found["user:1"][0] == "removed_model"
    assert found["user:2"][1]["model"]["role"] == "owner"
    assert found[f"room:{room['id']}"][1]["model"]["members"] == 1


@pytest.mark.parametrize(("kind", "who"), [("private", 1), ("public", ADMIN)])
def test_all_who_were_in_it_hear_that_a_room_is_deleted(chat, heard, kind, who):
    room = chat.make(1, kind, members=[2, 3])
    heard(3)
    assert chat.delete(room["_links"]["self"], who) == 204
    found = heard(3)
    assert told(found) == [("removed_model", f"user:{one}") for one in (1, 2, 3)]
    assert {data["id"] for _, _, data in found} == {room["id"]}


def test_the_last_one_who_leaves_a_private_room_hears_that_it_is_gone(chat, heard):
    room = chat.make(1)
    heard(1)
    assert chat.delete(f"{room['_links']['members']}/1", 1) == 204
    chat.make(1)
    assert told(heard(2)) == [("removed_model", "user:1"), ("updated_model", "user:1")]


def test_ones_own_clients_hear_how_far_one_has_read(chat, heard):
    room = chat.make(1, members=[2])
    message = chat.say(room["id"])
    heard(2)
    path = room["_links"]["self"]
    assert chat.put(f"{path}/read", 2, {"up_to": message["id"]}) == 204
    ((event, where, data),) = heard(1)
    assert (event, where) == ("updated_model", "user:2")
    assert (data["model"]["unread"], data["model"]["read_up_to"]) == (0, message["id"])
    assert chat.put(f"{path}/read", 2, {"up_to": message["id"]}) == 204
    assert chat.put(f"{path}/notify", 2, {"notify": "none"}) == 204
    # What has changed nothing is not said.
    ((_, where, data),) = heard(1)
    assert (where, data["model"]["notify"]) == ("user:2", "none")


def test_what_a_crash_left_unsaid_is_said(app, chat, heard):
    room = chat.make(1, members=[2, 3])
    heard(3)
    with app.app_context():
        # Committed, and the instance died.
        transactions.run(lambda c: membership.remove(c, room["id"], "private", 2))
        later = text("UPDATE pending_news SET since = since - 60")
        db.session.execute(later)
        db.session.commit()
        room_events.look(app)
        assert told(heard(1)) == [("removed_model", "user:2")]
        room_events.look(app)
        left = db.session.scalar(text("SELECT COUNT(*) FROM pending_news"))
    assert left == 0


def test_what_two_instances_said_at_once_is_said_again_as_it_is(app, chat, heard):
    room = chat.make(1, members=[2])
    heard(2)
    member = f"{room['_links']['members']}/2"
    assert chat.delete(member, 2) == 204
    assert told(heard(2))[0] == ("removed_model", "user:2")
    with app.app_context():
        db.session.execute(text("UPDATE pending_news SET since = since - 60"))
        db.session.commit()
        room_events.look(app)
    assert told(heard(1)) == [("removed_model", "user:2")]


def test_who_has_not_read_a_changed_message_is_told_how_much_is_unread(
    app, chat, heard
):
    room = chat.make(1, members=[2, 3])
    message = chat.say(room["id"])
    read = f"{room['_links']['self']}/read"
    assert chat.put(read, 3, {"up_to": message["id"]}) == 204
    heard(4)
    with app.app_context():
        delete = text("UPDATE messages SET deleted = 1 WHERE id = :id")
        db.session.execute(delete, {"id": message["id"]})
        db.session.commit()
        unread_events.message_changed(room["id"], message["id"], 1)
        assert app.extensions["microflack_unread"].flush(10)
    # Its author has not got it unread, nor who has read it.
    ((event, where, data),) = heard(1)
    assert (event, where) == ("updated_model", "user:2")
    assert data["model"]["unread"] == 0


def test_while_nothing_can_be_said_it_waits(app, chat, heard, queue):
    room = chat.make(1, members=[2])
    heard(2)
    queue.stop()
    with app.app_context():
        transactions.run(lambda c: membership.remove(c, room["id"], "private", 2))
        db.session.execute(text("UPDATE pending_news SET since = since - 60"))
        db.session.commit()
        with pytest.raises(redis.RedisError):
            room_events.look(app)
        waiting = db.session.scalar(text("SELECT COUNT(*) FROM pending_news"))
        db.session.rollback()
    queue.start()
    assert waiting == 3
