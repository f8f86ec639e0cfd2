"""What is unread, and what one has read."""

import pytest
from chat import statements
from sqlalchemy import text

from microflack_messages import unread_memory
from microflack_messages.models import db


@pytest.fixture
def room(chat):
    """Return a room of two."""
    return chat.make(1, members=[2])


@pytest.fixture
def store(app):
    """Return a function that sets columns of a message past the API."""

    def store(message, **values):
        with app.app_context():
            names = ", ".join(f"`{name}` = :{name}" for name in values)
            query = text(f"UPDATE messages SET {names} WHERE id = :id")
            db.session.execute(query, values | {"id": message["id"]})
            number = "UPDATE rooms SET last_change = last_change + 1 WHERE id = :id"
            db.session.execute(text(number), {"id": message["room_id"]})
            db.session.commit()

    return store


def unread(chat, room, who=2):
    """Return how much of a room is unread, which two ways of asking have to say."""
    listed = chat.rooms(who)[room["id"]]
    assert chat.get(room["_links"]["self"], who) == listed
    return listed["unread"]


def test_others_messages_are_unread_and_ones_own_are_not(chat, room):
    for number in range(3):
        chat.say(room["id"], 1)
        assert unread(chat, room) == number + 1
        assert unread(chat, room, 1) == 0
    message = chat.say(room["id"], 2)
    assert (unread(chat, room), unread(chat, room, 1)) == (3, 1)
    assert chat.rooms(2)[room["id"]]["last_message_at"] == message["created_at"]


def test_reading_goes_forward_only(chat, room):
    first, second, third = (chat.say(room["id"]) for _ in range(3))
    path = f"{room['_links']['self']}/read"
    for message, left in ((second, 1), (first, 1), (second, 1), (third, 0), (first, 0)):
        assert chat.put(path, 2, {"up_to": message["id"]}) == 204
        assert unread(chat, room) == left
    assert chat.rooms(2)[room["id"]]["read_up_to"] == third["id"]
    chat.say(room["id"])
    assert unread(chat, room) == 1


def test_an_edit_is_not_unread(chat, room):
    message = chat.say(room["id"])
    path = f"{room['_links']['self']}/read"
    assert chat.put(path, 2, {"up_to": message["id"]}) == 204
    assert chat.put(message["_links"]["self"], 1, {"source": "other"}) == 204
    assert unread(chat, room) == 0


def test_what_was_deleted_is_not_unread(chat, room, store):
    message = chat.say(room["id"])
    chat.say(room["id"])
    assert unread(chat, room) == 2
    store(message, deleted=True)
    assert unread(chat, room) == 1


@pytest.mark.parametrize(
    ("mentions", "count"),
    [
        (None, 0),
        ("[]", 0),
        ("[2]", 1),
        ("[1,2]", 1),
        ("[2,1]", 1),
        ("[1,2,3]", 1),
        ("[22,12,21]", 0),
    ],
)
def test_mentions_are_counted_while_they_are_unread(chat, room, store, mentions, count):
    message = chat.say(room["id"])
    store(message, mentions=mentions)
    own = chat.say(room["id"], 2)
    store(own, mentions="[2]")
    assert chat.rooms(2)[room["id"]]["mentions"] == count
    assert chat.rooms(1)[room["id"]]["mentions"] == 0
    path = f"{room['_links']['self']}/read"
    assert chat.put(path, 2, {"up_to": message["id"]}) == 204
    assert chat.rooms(2)[room["id"]]["mentions"] == 0


@pytest.mark.parametrize("value", [0, -1, "1", True, None, [1], 2**31, 2**60, 1.5])
def test_a_message_that_cannot_be_is_named(chat, room, value):
    chat.say(room["id"])
    path = f"{room['_links']['self']}/read"
    answer = chat.call("PUT", path, 2, {"up_to": value})
    assert (answer.status_code, "up_to" in answer.json["error"]) == (400, True)
    assert unread(chat, room) == 1


def test_a_message_of_another_room_is_none(chat, room):
    elsewhere = [chat.say(1, 1), chat.say(chat.make(1)["id"], 1)]
    message = chat.say(room["id"])
    later = chat.say(1, 1)
    path = f"{room['_links']['self']}/read"
    for one in (*elsewhere, later):
        answer = chat.call("PUT", path, 2, {"up_to": one["id"]})
        assert (answer.status_code, "up_to" in answer.json["error"]) == (400, True)
    answer = chat.call("PUT", path, 2, {"up_to": later["id"] + 1})
    assert answer.status_code == 400
    assert unread(chat, room) == 1
    assert chat.put(path, 2, {"up_to": message["id"]}) == 204


def test_in_the_room_of_everybody_it_begins_with_the_first_list(chat):
    chat.say(1, 1)
    assert chat.rooms(2)[1]["unread"] == 0
    message = chat.say(1, 1)
    assert chat.rooms(2)[1]["unread"] == 1
    # Whoever comes later has other things unread.
    assert chat.get("/api/rooms/1", 3)["unread"] == 0
    chat.say(1, 1)
    assert (chat.rooms(2)[1]["unread"], chat.rooms(3)[1]["unread"]) == (2, 1)
    assert chat.put("/api/rooms/1/read", 2, {"up_to": message["id"]}) == 204
    assert (chat.rooms(2)[1]["unread"], chat.rooms(3)[1]["unread"]) == (1, 1)


def test_who_reads_before_the_first_list_has_the_rest_unread(chat):
    first = chat.say(1, 1)
    assert chat.put("/api/rooms/1/read", 2, {"up_to": first["id"]}) == 204
    chat.say(1, 1)
    assert chat.rooms(2)[1]["unread"] == 1


@pytest.fixture
def exact(chat, room, monkeypatch):
    """Return a function for what is unread, where it is remembered from one on."""
    monkeypatch.setattr(unread_memory, "FROM_UNREAD", 1)

    def exact():
        listed = chat.rooms(2)[room["id"]]
        # What is asked for alone is counted from the beginning.
        assert chat.get(room["_links"]["self"], 2) == listed
        return listed["unread"], listed["mentions"]

    return exact


def test_what_is_remembered_is_what_is_counted(chat, room, store, exact):
    messages = [chat.say(room["id"]) for _ in range(5)]
    assert exact() == (5, 0)
    messages.append(chat.say(room["id"]))
    chat.say(room["id"], 2)
    assert exact() == (6, 0)
    # One that was counted mentions, and another one is deleted.
    store(messages[1], mentions="[2]", change=8)
    assert exact() == (6, 1)
    store(messages[2], deleted=True, change=9)
    assert exact() == (5, 1)
    chat.say(room["id"])
    assert exact() == (6, 1)
    # What is new and changed at once is counted once.
    message = chat.say(room["id"])
    store(message, mentions="[2]", change=12)
    assert exact() == (7, 2)
    path = f"{room['_links']['self']}/read"
    assert chat.put(path, 2, {"up_to": messages[3]["id"]}) == 204
    assert exact() == (4, 1)
    assert chat.put(messages[5]["_links"]["self"], 1, {"source": "other"}) == 204
    assert exact() == (4, 1)
    assert chat.put(path, 2, {"up_to": message["id"]}) == 204
    assert exact() == (0, 0)


def test_what_was_counted_is_not_counted_again(app, chat, room, exact):
    last = [chat.say(room["id"]) for _ in range(3)][-1]
    assert exact() == (3, 0)
    chat.say(room["id"])
    with statements(app) as run:
        assert chat.rooms(2)[room["id"]]["unread"] == 4
    (counted,) = [one for one in run if "GROUP BY" in one]
    assert f"id > {last['id']})" in counted


def test_what_an_older_state_shows_is_not_taken_from_a_later_one():
    memory = unread_memory.UnreadMemory()
    state = unread_memory.RoomState(read_up_to=3, change=700, last_id=900)
    memory.keep(1, 5, state, unread_memory.Unread(600, 2))
    assert memory.find(1, {5: state})[5].unread == (600, 2)
    assert memory.find(1, {5: state._replace(change=701)})[5].state == state
    assert memory.find(1, {5: state._replace(change=699)}) == {}
    assert memory.find(1, {5: state._replace(read_up_to=4)}) == {}
    assert memory.find(2, {5: state}) == memory.find(1, {6: state}) == {}
    # Little is counted anew.
    memory.keep(1, 5, state, unread_memory.Unread(3, 2))
    assert memory.find(1, {5: state}) == {}


def test_not_more_is_remembered_than_there_is_room_for(monkeypatch):
    monkeypatch.setattr(unread_memory, "CAPACITY", 2)
    memory = unread_memory.UnreadMemory()
    state = unread_memory.RoomState(0, 1000, 1000)
    for room_id in (2, 3, 4):
        memory.keep(1, room_id, state, unread_memory.Unread(900))
    assert set(memory.find(1, dict.fromkeys((2, 3, 4), state))) == {3, 4}
