"""Who comes and goes: joining, adding, leaving, and who owns a room then."""

import pytest
from chat import registry_that_knows
from sqlalchemy import text

from microflack_messages import purge
from microflack_messages.models import db

AWAY = 7


@pytest.fixture(scope="module")
def registry():
    """Return a registry that knows somebody who was deactivated."""
    return registry_that_knows(AWAY, "deactivated")


def test_who_joins_can_read_what_was_before_and_has_nothing_unread(chat):
    room = chat.make(1, "public")
    message = chat.say(room["id"])
    assert chat.put(f"{room['_links']['members']}/2", 2) == 204
    joined = chat.rooms(2)[room["id"]]
    assert (joined["unread"], joined["read_up_to"]) == (0, message["id"])
    assert (joined["role"], joined["members"]) == ("member", 2)
    assert chat.get(room["_links"]["messages"], 2)["messages"] == [message]
    assert chat.say(room["id"], 2)["user_id"] == 2


def test_coming_twice_and_going_twice_changes_nothing(chat):
    room = chat.make(1, "public")
    path = f"{room['_links']['members']}/2"
    assert [chat.put(path, 2) for _ in range(3)] == [204] * 3
    once = chat.get(room["_links"]["self"])
    assert once["members"] == 2
    assert [chat.delete(path, 2) for _ in range(3)] == [204] * 3
    assert chat.members(room["id"]) == [(1, "owner")]
    assert chat.get(room["_links"]["self"])["members"] == 1


def test_a_member_adds_others_to_a_private_room_and_its_owner_removes_them(chat):
    room = chat.make(1, members=[2])
    members = room["_links"]["members"]
    assert chat.put(f"{members}/3", 2) == 204
    assert set(chat.rooms(3)) == {1, room["id"]}
    assert chat.delete(f"{members}/3", 2) == 403
    assert chat.delete(f"{members}/3", 1) == 204
    assert set(chat.rooms(3)) == {1}
    assert chat.call("GET", members, 3).status_code == 404


def test_who_has_been_in_it_longest_owns_what_the_last_owner_leaves(chat):
    room = chat.make(1, members=[5])
    members = room["_links"]["members"]
    # All in the same second, and not in the order of their ids.
    assert chat.put(f"{members}/4", 1) == 204
    assert chat.put(f"{members}/3", 1) == 204
    for leaves, owner in ((1, 5), (5, 4), (4, 3)):
        assert chat.delete(f"{members}/{leaves}", leaves) == 204
        assert chat.members(room["id"], owner)[0] == (owner, "owner")
    assert chat.get(room["_links"]["self"], 3)["role"] == "owner"
    assert chat.put(room["_links"]["self"], 3, {"name": "mine"}) == 204


def test_who_comes_again_has_been_in_it_for_the_shortest_time(chat):
    room = chat.make(1, members=[2])
    members = room["_links"]["members"]
    assert chat.put(f"{members}/3", 1) == 204
    assert chat.delete(f"{members}/2", 2) == 204
    assert chat.put(f"{members}/2", 1) == 204
    assert chat.delete(f"{members}/1", 1) == 204
    assert chat.members(room["id"], 2) == [(3, "owner"), (2, "member")]


def test_a_private_room_that_everybody_has_left_is_deleted(chat, app):
    room = chat.make(1, members=[2])
    message = chat.say(room["id"])
    members = room["_links"]["members"]
    assert chat.delete(f"{members}/1", 1) == 204
    assert chat.delete(f"{members}/2", 2) == 204
    for who in (1, 2):
        assert chat.call("GET", room["_links"]["self"], who).status_code == 404
        assert chat.call("GET", message["_links"]["self"], who).status_code == 404
    with app.app_context():
        purge.remove_all()
        query = text("SELECT source, html FROM messages WHERE room_id = :room_id")
        # Its row stays so long as SQLite would give its id to another one.
        rows = db.session.execute(query, {"room_id": room["id"]}).all()
        assert [tuple(row) for row in rows] == [("", "")]
        assert chat.say(1)["id"] > message["id"]
        purge.remove_all()
        assert db.session.execute(query, {"room_id": room["id"]}).all() == []
        kept = text("SELECT kind, name, topic FROM rooms WHERE id = :room_id")
        row = db.session.execute(kept, {"room_id": room["id"]}).one()
    assert tuple(row) == ("removed", "", "")


def test_of_a_deleted_room_all_goes_however_much_it_is(chat, app, monkeypatch):
    monkeypatch.setattr(purge, "CHUNK", 3)
    room, other = chat.make(1), chat.make(1)
    for _ in range(8):
        chat.say(room["id"], source="a secret")
    kept = chat.say(other["id"])
    assert chat.delete(room["_links"]["self"], 1) == 204
    with app.app_context():
        purge.remove_all()
        left = list(db.session.scalars(text("SELECT source FROM messages")))
    assert left == [kept["source"]]
    assert chat.get(other["_links"]["messages"])["messages"] == [kept]


def test_a_public_room_that_everybody_left_stays_for_who_comes_next(chat):
    room = chat.make(1, "public", members=[2])
    members = room["_links"]["members"]
    message = chat.say(room["id"])
    assert chat.delete(f"{members}/2", 2) == 204
    assert chat.delete(f"{members}/1", 1) == 204
    assert chat.get(room["_links"]["self"], 3)["members"] == 0
    assert chat.put(f"{members}/3", 3) == 204
    assert chat.put(f"{members}/1", 1) == 204
    assert chat.members(room["id"]) == [(3, "owner"), (1, "member")]
    assert chat.get(room["_links"]["messages"], 3)["messages"] == [message]


def test_members_say_since_when(chat):
    room = chat.make(1, members=[2])
    for one in chat.get(room["_links"]["members"])["members"]:
        assert set(one) == {"user_id", "role", "joined_at"}
        assert one["joined_at"] >= room["created_at"]


def test_who_was_deactivated_is_not_added(chat):
    answer = chat.call(
        "POST", "/api/rooms", 1, {"kind": "private", "name": "x", "members": [AWAY]}
    )
    assert (answer.status_code, "members" in answer.json["error"]) == (400, True)
    answer = chat.call("POST", "/api/rooms", 1, {"kind": "direct", "members": [AWAY]})
    assert (answer.status_code, "members" in answer.json["error"]) == (400, True)
    room = chat.make(1)
    answer = chat.call("PUT", f"{room['_links']['members']}/{AWAY}", 1)
    assert (answer.status_code, "deactivated" in answer.json["error"]) == (403, True)
    assert chat.members(room["id"]) == [(1, "owner")]


@pytest.mark.parametrize("notify", ["mentions", "none", "all"])
def test_a_member_says_of_what_to_be_told(chat, notify):
    room = chat.make(1, members=[2])
    path = f"{room['_links']['self']}/notify"
    assert chat.put(path, 2, {"notify": notify}) == 204
    assert chat.rooms(2)[room["id"]]["notify"] == notify
    assert chat.rooms(1)[room["id"]]["notify"] == "all"


@pytest.mark.parametrize("value", ["some", None, 1, ["all"], {}])
def test_there_are_three_answers_to_that(chat, value):
    answer = chat.call("PUT", "/api/rooms/1/notify", 1, {"notify": value})
    assert (answer.status_code, "notify" in answer.json["error"]) == (400, True)
    assert chat.rooms()[1]["notify"] == "all"
