"""People who do things with the same room at the same time."""

import threading
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
from chat import ADMIN, registry_that_knows


@pytest.fixture(scope="module")
def registry():
    """Return a registry that knows an administrator."""
    return registry_that_knows(ADMIN)


@pytest.fixture
def at_once():
    """Return a function that calls functions at the same time."""

    def at_once(*functions):
        gate = threading.Barrier(len(functions))

        def call(function):
            gate.wait()
            return function()

        with ThreadPoolExecutor(len(functions)) as pool:
            return list(pool.map(call, functions))

    return at_once


def test_people_who_open_the_same_direct_room_get_the_same_one(chat, at_once):
    for other in range(3, 8):
        both = [(1, other), (other, 1), (1, other)]
        bodies = [(who, {"kind": "direct", "members": [one]}) for who, one in both]
        open_it = [partial(chat.call, "POST", "/api/rooms", *one) for one in bodies]
        answers = at_once(*open_it)
        assert len({one.json["id"] for one in answers}) == 1
        assert sorted(one.status_code for one in answers) == [200, 200, 201]


def test_of_two_owners_to_be_there_is_one(chat, at_once):
    for _ in range(5):
        room = chat.make(1, "public", members=[2, 3, 4])
        members = room["_links"]["members"]
        leave = [partial(chat.delete, f"{members}/{who}", who) for who in (1, 2)]
        assert at_once(*leave) == [204, 204]
        left = chat.members(room["id"], 3)
        assert left == [(3, "owner"), (4, "member")]


def test_the_last_two_who_leave_delete_a_private_room_once(chat, at_once):
    for _ in range(5):
        room = chat.make(1, members=[2])
        members = room["_links"]["members"]
        leave = [partial(chat.delete, f"{members}/{who}", who) for who in (1, 2)]
        assert at_once(*leave) == [204, 204]
        assert chat.call("GET", room["_links"]["self"], 1).status_code == 404
        assert set(chat.rooms(2)) == {1}


def test_who_joins_many_times_at_once_is_in_it_once(chat, at_once):
    room = chat.make(1, "public")
    path = f"{room['_links']['members']}/2"
    assert at_once(*[partial(chat.put, path, 2)] * 6) == [204] * 6
    assert chat.members(room["id"]) == [(1, "owner"), (2, "member")]
    assert chat.get(room["_links"]["self"])["members"] == 2


def test_many_who_join_are_all_counted(chat, at_once):
    room = chat.make(1, "public")
    members = room["_links"]["members"]
    join = [partial(chat.put, f"{members}/{who}", who) for who in range(2, 10)]
    assert at_once(*join) == [204] * 8
    assert chat.get(room["_links"]["self"])["members"] == 9
    assert len(chat.members(room["id"])) == 9


def test_nothing_is_said_in_a_room_after_it_is_deleted(chat, at_once, app):
    for _ in range(5):
        room = chat.make(1, members=[2])
        body = {"source": "x", "room_id": room["id"]}

        def post(who, body=body):
            return chat.call("POST", "/api/messages", who, body).status_code

        def delete(path=room["_links"]["self"]):
            return chat.delete(path, 1)

        *posted, deleted = at_once(lambda: post(1), lambda: post(2), delete)
        assert deleted == 204
        assert set(posted) <= {201, 400}
        assert (post(1), post(2)) == (400, 400)


def test_an_archived_room_takes_nothing_once_that_is_answered(chat, at_once):
    for _ in range(5):
        room = chat.make(1, members=[2])
        path, body = room["_links"]["self"], {"source": "x", "room_id": room["id"]}
        done = threading.Event()

        def archive(path=path, done=done):
            status = chat.put(path, 1, {"archived": True})
            done.set()
            return status

        def post_until_it_is(body=body, done=done):
            answers = []
            while not done.is_set():
                answers.append(chat.call("POST", "/api/messages", 2, body).status_code)
            return answers

        _, answers = at_once(archive, post_until_it_is)
        assert answers.count(201) == chat.get(path)["change"]
        assert set(answers) <= {201, 403}
        assert chat.call("POST", "/api/messages", 2, body).status_code == 403


def test_two_admins_who_delete_a_room_delete_it_once(chat, at_once):
    room = chat.make(1, "public", members=[2])
    path = room["_links"]["self"]
    statuses = at_once(*[partial(chat.delete, path, ADMIN)] * 2)
    assert sorted(statuses) == [204, 404]


def test_reading_in_two_windows_keeps_the_later_message(chat, at_once):
    room = chat.make(1, members=[2])
    ids = [chat.say(room["id"])["id"] for _ in range(4)]
    path = f"{room['_links']['self']}/read"
    read = [partial(chat.put, path, 2, {"up_to": one}) for one in ids]
    assert at_once(*read) == [204] * 4
    assert chat.rooms(2)[room["id"]]["read_up_to"] == ids[-1]


def test_who_is_added_and_removed_at_once_is_in_it_or_not(chat, at_once):
    for _ in range(5):
        room = chat.make(1, members=[2])
        path = f"{room['_links']['members']}/3"
        add, remove = partial(chat.put, path, 2), partial(chat.delete, path, 1)
        assert at_once(add, remove) == [204, 204]
        is_in = (3, "member") in chat.members(room["id"])
        assert (room["id"] in chat.rooms(3)) == is_in
        assert chat.get(room["_links"]["self"])["members"] == 2 + is_in
