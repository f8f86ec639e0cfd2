"""The list of rooms is made once for each state of what it shows."""

import pytest
from chat import ADMIN, NOBODY, registry_that_knows, statements


@pytest.fixture(scope="module")
def registry():
    """Return a registry that knows an administrator."""
    return registry_that_knows(ADMIN)


@pytest.fixture
def changes(chat):
    """Return a function that says for whom of three the list is another one now."""
    people = {"1": 1, "2": 2, "nobody": NOBODY}

    def tags():
        answers = {
            name: chat.call("GET", "/api/rooms", who) for name, who in people.items()
        }
        assert all(one.status_code == 200 for one in answers.values())
        return {name: one.headers["ETag"] for name, one in answers.items()}

    last = tags()

    def changes():
        nonlocal last
        before, last = last, tags()
        for name, who in people.items():
            tag = {"If-None-Match": last[name]}
            assert chat.call("GET", "/api/rooms", who, headers=tag).status_code == 304
        return {name for name in people if before[name] != last[name]}

    return changes


def test_it_is_another_one_for_those_who_see_the_change(chat, changes):
    everybody = {"1", "2", "nobody"}
    assert changes() == set()
    message = chat.say(1, 1)
    assert changes() == everybody
    assert chat.put("/api/rooms/1/read", 2, {"up_to": message["id"]}) == 204
    assert changes() == {"2"}
    own = chat.make(1)
    assert changes() == {"1"}
    chat.say(own["id"])
    assert changes() == {"1"}
    assert chat.put(f"{own['_links']['members']}/2", 1) == 204
    assert changes() == {"1", "2"}
    assert chat.put(f"{own['_links']['self']}/notify", 1, {"notify": "none"}) == 204
    assert changes() == {"1"}
    assert chat.put(own["_links"]["self"], 1, {"topic": "x"}) == 204
    assert changes() == {"1", "2"}
    assert chat.delete(f"{own['_links']['members']}/1", 1) == 204
    assert changes() == {"1", "2"}
    public = chat.make(1, "public")
    assert changes() == everybody
    assert chat.put(f"{public['_links']['members']}/3", 3) == 204
    assert changes() == everybody
    assert chat.delete(public["_links"]["self"], ADMIN) == 204
    assert changes() == everybody
    chat.make(2, "direct", members=[3])
    assert changes() == {"2"}


def test_it_is_not_the_same_again_when_one_room_is_there_for_another(chat, changes):
    first = chat.make(1, members=[2])
    chat.say(first["id"])
    changes()
    seen = set()
    for _ in range(3):
        assert chat.delete(f"{first['_links']['members']}/2", 2) == 204
        first = chat.make(1, members=[2])
        chat.say(first["id"])
        assert "2" in changes()
        tag = chat.call("GET", "/api/rooms", 2).headers["ETag"]
        assert tag not in seen
        seen.add(tag)


def test_it_tells_nobody_of_the_end_of_rooms_that_they_never_saw(chat, changes):
    private = chat.make(1)
    chat.say(private["id"])
    both = chat.make(2, members=[1])
    changes()
    assert chat.delete(private["_links"]["self"], 1) == 204
    assert changes() == {"1"}
    for who in (1, 2):
        assert chat.delete(f"{both['_links']['members']}/{who}", who) == 204
    assert changes() == {"1", "2"}


def test_another_public_room_in_place_of_one_is_seen(chat, changes):
    seen = set()
    for _ in range(3):
        public = chat.make(1, "public")
        chat.say(public["id"])
        changes()
        tag = chat.call("GET", "/api/rooms", NOBODY).headers["ETag"]
        assert tag not in seen
        seen.add(tag)
        assert chat.delete(public["_links"]["self"], ADMIN) == 204
        assert "nobody" in changes()


def test_what_is_the_same_is_not_made_again(chat, app):
    for number in range(3):
        chat.say(chat.make(1, name=f"den {number}")["id"])
    chat.rooms()
    with statements(app) as run:
        assert len(chat.rooms()) == 4
    # The version is read past this engine.
    assert run == []


def test_a_list_is_for_who_asks(chat):
    chat.make(1)
    headers = chat.call("GET", "/api/rooms").headers
    assert headers["Cache-Control"] == "private, no-cache"
    assert headers["Vary"] == "Authorization"
    tag = {"If-None-Match": headers["ETag"]}
    assert chat.call("GET", "/api/rooms", 2, headers=tag).status_code == 200
