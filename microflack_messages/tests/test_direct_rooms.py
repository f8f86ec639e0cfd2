"""Direct rooms: known by their people, whose names they have."""

import pytest
from chat import Chat, Users, registry_of_sessions

from microflack_common.testing import running

NAMES = ["ada", "bob", "cy", "dee", "eve", "fay", "gus", "hal", "ian"]


@pytest.fixture(scope="module")
def users():
    """Return a users service."""
    return Users()


@pytest.fixture(scope="module")
def registry():
    """Return a registry that says all of tokens: their service is not there."""
    return registry_of_sessions()


@pytest.fixture(scope="module")
def settings(settings, users):
    """Return settings with a way to it."""
    with running(users.app) as url:
        yield settings | {"LB": url}


@pytest.fixture
def chat(app, users):
    """Return what calls the API as people whom the users service knows."""
    users.reset()
    for user_id, nickname in enumerate(NAMES, 1):
        users.put(user_id, nickname)
    return Chat(app)


def test_it_is_named_by_the_others(chat):
    room = chat.make(1, "direct", members=[3, 2])
    assert (room["kind"], room["name"], room["topic"]) == ("direct", "bob, cy", "")
    assert (room["role"], room["members"]) == ("member", 3)
    assert chat.rooms(2)[room["id"]]["name"] == "ada, cy"
    assert chat.get(room["_links"]["self"], 3)["name"] == "ada, bob"
    assert chat.members(room["id"], 3) == [(one, "member") for one in (1, 2, 3)]


def test_the_same_people_have_the_same_one(chat):
    room = chat.make(1, "direct", members=[2])
    for who, others in ((1, [2]), (2, [1]), (1, [1, 2, 2])):
        body = {"kind": "direct", "members": others}
        answer = chat.call("POST", "/api/rooms", who, body)
        assert (answer.status_code, answer.json["id"]) == (200, room["id"])
        assert answer.headers["Location"] == room["_links"]["self"]
    assert chat.make(1, "direct", members=[3])["id"] != room["id"]
    assert chat.make(1, "direct", members=[2, 3])["id"] != room["id"]


@pytest.mark.parametrize(
    ("members", "status"),
    [
        ([], 400),
        (None, 400),
        ([1], 400),
        ([1, 1], 400),
        ([2, 99], 400),
        (list(range(2, 9)), 201),
        (list(range(1, 9)), 201),
        (list(range(2, 10)), 400),
    ],
)
def test_it_has_two_to_eight_people_who_are_there(chat, members, status):
    body = {"kind": "direct", "members": members}
    answer = chat.call("POST", "/api/rooms", 1, body)
    assert answer.status_code == status
    if status == 400:
        assert "members" in answer.json["error"]
        assert set(chat.rooms()) == {1}


def test_it_has_no_topic(chat):
    body = {"kind": "direct", "members": [2], "topic": "secrets"}
    answer = chat.call("POST", "/api/rooms", 1, body)
    assert (answer.status_code, "topic" in answer.json["error"]) == (400, True)


def test_a_name_that_changes_is_another_list(chat, users):
    room = chat.make(1, "direct", members=[2])
    assert chat.rooms()[room["id"]]["name"] == "bob"
    tag = chat.call("GET", "/api/rooms").headers["ETag"]
    users.put(2, "Robert")
    condition = {"If-None-Match": tag}
    answer = chat.call("GET", "/api/rooms", headers=condition)
    while answer.status_code == 304:
        answer = chat.call("GET", "/api/rooms", headers=condition)
    assert chat.rooms()[room["id"]]["name"] == "Robert"
    assert chat.get(room["_links"]["self"])["name"] == "Robert"


def test_the_room_of_everybody_counts_and_lists_people(chat, users):
    assert chat.rooms()[1]["members"] == 9
    assert len(chat.members(1)) == 9
    users.put(9, "ian", deactivated=True)
    while chat.rooms()[1]["members"] == 9:
        pass
    assert chat.members(1) == [(one, "member") for one in range(1, 9)]
    assert chat.get("/api/rooms/1/members")["members"][0]["joined_at"] == 5


@pytest.mark.parametrize("kind", ["public", "private"])
def test_who_is_not_there_does_not_come_into_a_room(chat, kind):
    body = {"kind": kind, "name": "x", "members": [2, 99]}
    answer = chat.call("POST", "/api/rooms", 1, body)
    assert (answer.status_code, "members" in answer.json["error"]) == (400, True)
    room = chat.make(1, kind)
    for user_id in (99, 2**31, 2**60):
        path = f"{room['_links']['members']}/{user_id}"
        assert chat.put(path) == chat.delete(path) == 404
    assert chat.members(room["id"]) == [(1, "owner")]
    assert chat.put("/api/rooms/1/members/99") == 404


def test_while_users_are_away_rooms_are_there(chat, users):
    room = chat.make(1, "direct", members=[2])
    before = chat.rooms()
    users.status = 503
    assert chat.rooms() == before
    assert chat.say(room["id"], 2)["room_id"] == room["id"]
    # Whoever is known can be added; whether there is somebody else cannot be said.
    assert chat.make(1, members=[3])["members"] == 2
    answer = chat.call(
        "POST", "/api/rooms", 1, {"kind": "private", "name": "x", "members": [99]}
    )
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2")
