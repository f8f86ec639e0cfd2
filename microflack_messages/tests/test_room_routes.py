"""Rooms: made, listed, changed and deleted."""

import pytest
from chat import ADMIN, NOBODY, registry_that_knows

PUBLIC_FIELDS = {
    *("id", "created_at", "updated_at", "name", "topic", "kind", "archived"),
    *("change", "members", "_links"),
}
OWN_FIELDS = {"unread", "mentions", "read_up_to", "notify", "role", "last_message_at"}
TOO_LARGE = 2**40


@pytest.fixture(scope="module")
def registry():
    """Return a registry that knows an administrator."""
    return registry_that_knows(ADMIN)


def test_a_new_room_is_its_makers(chat):
    body = {"name": "den", "kind": "private", "topic": "sleep", "members": [3, 2, 3, 1]}
    answer = chat.call("POST", "/api/rooms", 1, body)
    room = answer.json
    assert answer.status_code == 201
    assert answer.headers["Location"] == room["_links"]["self"]
    assert set(room) == PUBLIC_FIELDS | OWN_FIELDS
    said = {name: room[name] for name in ("name", "kind", "topic", "members", "role")}
    assert said == body | {"members": 3, "role": "owner"}
    assert (room["change"], room["unread"], room["read_up_to"]) == (0, 0, 0)
    assert (room["notify"], room["last_message_at"]) == ("all", None)
    assert chat.members(room["id"]) == [(1, "owner"), (2, "member"), (3, "member")]
    assert chat.get(room["_links"]["self"]) == room
    assert chat.get(room["_links"]["messages"])["messages"] == []
    assert len(chat.get(room["_links"]["members"])["members"]) == 3


def test_the_room_of_everybody_is_there_for_all(chat):
    message = chat.say(1)
    room = chat.rooms(5)[1]
    assert (room["name"], room["kind"], room["role"]) == (
        "Everyone",
        "public",
        "member",
    )
    assert (room["unread"], room["read_up_to"]) == (0, message["id"])
    assert room["change"] == message["change"]
    assert room["last_message_at"] == message["created_at"]
    assert set(chat.rooms(NOBODY)[1]) == PUBLIC_FIELDS


def test_a_list_has_ones_own_rooms_and_public_ones(chat):
    own, public = chat.make(2), chat.make(1, "public")
    chat.make(1)
    rooms = chat.rooms(2)
    assert set(rooms) == {1, own["id"], public["id"]}
    assert set(rooms[own["id"]]) == PUBLIC_FIELDS | OWN_FIELDS
    assert set(rooms[public["id"]]) == PUBLIC_FIELDS
    assert rooms[own["id"]] == chat.get(own["_links"]["self"], 2)
    assert rooms[public["id"]] == chat.get(public["_links"]["self"], 2)
    assert set(chat.rooms(NOBODY)) == {1, public["id"]}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": None}, "name"),
        ({"name": ""}, "name"),
        ({"name": " \u200b "}, "name"),
        ({"name": "x" * 81}, "name"),
        ({"name": "a\nb"}, "name"),
        ({"name": "a\x00b"}, "name"),
        ({"name": 5}, "name"),
        ({"kind": None}, "kind"),
        ({"kind": "secret"}, "kind"),
        ({"kind": ["public"]}, "kind"),
        ({"kind": "removed"}, "kind"),
        ({"topic": "x" * 501}, "topic"),
        ({"topic": "a\tb"}, "topic"),
        ({"topic": {}}, "topic"),
        ({"members": "2"}, "members"),
        ({"members": ["2"]}, "members"),
        ({"members": [0]}, "members"),
        ({"members": [True]}, "members"),
        ({"members": [TOO_LARGE]}, "members"),
        ({"members": list(range(1, 1002))}, "members"),
    ],
)
def test_what_makes_no_room_is_named(chat, change, field):
    body = {"name": "den", "kind": "private", "topic": "", "members": []} | change
    answer = chat.call("POST", "/api/rooms", 1, body)
    assert answer.status_code == 400
    assert field in answer.json["error"]
    assert set(chat.rooms()) == {1}


def test_null_is_as_if_a_field_were_left_out(chat):
    room = chat.make(topic=None, members=[], colour="red")
    assert room["topic"] == ""
    assert chat.put(room["_links"]["self"], 1, {"name": None, "archived": None}) == 204
    assert chat.get(room["_links"]["self"]) == room


def test_names_are_stored_as_people_see_them(chat):
    room = chat.make(name="  the \u202e  den ", topic=" for  sleep ")
    assert (room["name"], room["topic"]) == ("the den", "for sleep")
    assert chat.make(name="x" * 80)["name"] == "x" * 80
    # Two may have the same one.
    assert chat.make(name="the den")["id"] != room["id"]


def test_a_room_is_renamed_and_archived(chat):
    room = chat.make(1, "public", members=[2])
    path = room["_links"]["self"]
    body = {"name": "cave", "topic": "bears", "archived": True}
    assert chat.put(path, 1, body) == 204
    changed = chat.get(path, 2)
    assert {name: changed[name] for name in body} == body
    assert chat.put(path, 1, {"archived": False}) == 204
    assert not chat.get(path, 2)["archived"]
    assert chat.get(path, 2)["name"] == "cave"


@pytest.mark.parametrize(
    "body", [{"name": ""}, {"archived": "yes"}, {"archived": 1}, {"topic": 1}]
)
def test_what_cannot_be_changed_changes_nothing(chat, body):
    room = chat.make()
    name = next(iter(body))
    answer = chat.call("PUT", room["_links"]["self"], 1, body)
    assert (answer.status_code, name in answer.json["error"]) == (400, True)
    assert chat.get(room["_links"]["self"]) == room


def test_an_archived_room_takes_nothing_new(chat):
    room = chat.make(1, "public", members=[2])
    message = chat.say(room["id"])
    assert chat.put(room["_links"]["self"], 1, {"archived": True}) == 204
    body = {"source": "more", "room_id": room["id"]}
    answer = chat.call("POST", "/api/messages", 2, body)
    assert (answer.status_code, "archived" in answer.json["error"]) == (403, True)
    members = room["_links"]["members"]
    assert chat.put(f"{members}/3", 3) == 403
    assert chat.put(f"{members}/2", 2) == 204
    read = f"{room['_links']['self']}/read"
    assert chat.put(read, 2, {"up_to": message["id"]}) == 204
    assert chat.delete(f"{members}/2", 2) == 204
    assert chat.get(room["_links"]["messages"])["messages"] == [message]


def test_the_room_of_everybody_is_renamed_only(chat):
    assert chat.put("/api/rooms/1", ADMIN, {"name": "All", "topic": "x"}) == 204
    assert chat.rooms(NOBODY)[1]["name"] == "All"
    assert chat.put("/api/rooms/1", ADMIN, {"name": "no", "archived": True}) == 403
    assert chat.put("/api/rooms/1", ADMIN, {"archived": False}) == 204
    assert chat.put("/api/rooms/1", 1, {"name": "mine"}) == 403
    assert chat.delete("/api/rooms/1", ADMIN) == 403
    assert chat.rooms(NOBODY)[1]["name"] == "All"


@pytest.mark.parametrize(("kind", "who"), [("private", 1), ("public", ADMIN)])
def test_a_deleted_room_is_there_for_nobody(chat, kind, who):
    room = chat.make(1, kind, members=[2])
    path, message = room["_links"]["self"], chat.say(room["id"])
    assert chat.delete(path, who) == 204
    for asker in (1, 2, ADMIN):
        assert chat.call("GET", path, asker).status_code == 404
        for below in ("messages", "members"):
            answer = chat.call("GET", room["_links"][below], asker)
            assert answer.status_code == 404
        alone = chat.call("GET", message["_links"]["self"], asker)
        assert alone.status_code == 404
        assert chat.delete(path, asker) == 404
        assert chat.put(path, asker, {"name": "again"}) == 404
        assert chat.put(f"{path}/members/{asker}", asker) == 404
        assert chat.put(f"{path}/read", asker, {"up_to": message["id"]}) == 404
        assert set(chat.rooms(asker)) == {1}
        body = {"source": "x", "room_id": room["id"]}
        answer = chat.call("POST", "/api/messages", asker, body)
        assert (answer.status_code, "room_id" in answer.json["error"]) == (400, True)
    # Nor does another one get its id, under which much may still be known.
    assert chat.make()["id"] > room["id"]


@pytest.mark.parametrize("room_id", [999, 2**31, TOO_LARGE])
def test_a_room_that_never_was_is_not_there(chat, room_id):
    path = f"/api/rooms/{room_id}"
    tried = [
        ("GET", path, None),
        ("PUT", path, {"name": "x"}),
        ("DELETE", path, None),
        ("GET", f"{path}/members", None),
        ("PUT", f"{path}/members/1", None),
        ("DELETE", f"{path}/members/1", None),
        ("PUT", f"{path}/read", {"up_to": 1}),
        ("PUT", f"{path}/notify", {"notify": "none"}),
    ]
    for method, one, body in tried:
        answer = chat.call(method, one, 1, body)
        assert (answer.status_code, str(room_id) in answer.text) == (404, True)


def test_without_a_token_it_is_401_before_404(chat):
    for path in ("/api/rooms/999", chat.make()["_links"]["self"]):
        assert chat.call("GET", path, NOBODY).status_code == 404
        assert chat.put(path, NOBODY, {"name": "x"}) == 401
        assert chat.delete(path, NOBODY) == 401
        assert chat.put(f"{path}/members/1", NOBODY) == 401
        assert chat.put(f"{path}/read", NOBODY, {"up_to": 1}) == 401
    body = {"name": "x", "kind": "public"}
    assert chat.call("POST", "/api/rooms", NOBODY, body).status_code == 401
