"""What is said in a private room is for those who are in it."""

import json
import time

import pytest
import redis
import some_rooms
from some_rooms import leave, make_room

SECRET = "the treasure is under the old oak"


@pytest.fixture(scope="module")
def settings(settings, queue):
    """Return settings with a queue."""
    return settings | {"REDIS": queue.address}


@pytest.fixture
def room(app):
    """Return the id of a private room that only ada is in."""
    return make_room(app, "private", 1)


@pytest.fixture
def say(client, ada):
    """Return a function that says something in a room."""
    return lambda room_id, source=SECRET, headers=ada: some_rooms.say(
        client, headers, room_id, source
    )


def lists(room_id=None):
    """Return the URL of every kind of list."""
    queries = ["", "updated_since=0", "before_id=1000", "after=0", "limit=500"]
    name = f"room={room_id}&" if room_id else ""
    return [f"/api/messages?{name}{query}" for query in queries]


def test_a_message_says_in_which_room_it_is(client, ada, room, say):
    message = say(room)
    assert (message["room_id"], message["change"]) == (room, 1)
    assert client.get(message["_links"]["self"], headers=ada).json == message
    for url in lists(room):
        assert client.get(url, headers=ada).json == {"messages": [message], "change": 1}


def test_each_room_has_numbers_of_its_own(client, ada, room, say, post):
    first, other, second = say(room), post(), say(room)
    assert (first["change"], second["change"]) == (1, 2)
    client.put(first["_links"]["self"], json={"source": "new"}, headers=ada)
    after = client.get(f"/api/messages?room={room}&after=1", headers=ada).json
    assert [one["change"] for one in after["messages"]] == [2, 3]
    assert client.get("/api/messages").json["change"] == other["change"]


def test_pages_stay_in_their_room(client, ada, room, say, post):
    for number in range(3):
        say(room, str(number))
        post("elsewhere")
    for query in ("after=0", "updated_since=0"):
        url, found = f"/api/messages?room={room}&{query}&limit=1", []
        while url:
            page = client.get(url, headers=ada).json
            found += [one["source"] for one in page["messages"]]
            url = page.get("_links", {}).get("next")
        assert found == ["0", "1", "2"]


@pytest.mark.parametrize("stranger", ["bob", None])
def test_nobody_else_reads_it(request, client, ada, room, say, stranger):
    headers = request.getfixturevalue(stranger) if stranger else {}
    message = say(room)
    for url in lists(room):
        # Whoever may read it has just done so: what is kept of it is not for others.
        assert client.get(url, headers=ada).status_code == 200
        assert client.get(url, headers=headers).status_code == 404
    for url in [*lists(), message["_links"]["self"]]:
        answer = client.get(url, headers=headers)
        assert SECRET not in answer.text
        assert answer.json.get("messages") in ([], None)
    alone = client.get(message["_links"]["self"], headers=headers)
    missing = client.get("/api/messages/999", headers=headers)
    assert (alone.status_code, missing.status_code) == (404, 404)
    assert alone.json["error"] == missing.json["error"].replace(
        "999", str(message["id"])
    )


def test_a_room_that_is_not_there_looks_the_same(client, bob, room):
    answers = [
        client.get(f"/api/messages?room={one}", headers=bob).json["error"]
        for one in (room, room + 1, 2**40)
    ]
    assert {error.rpartition(" ")[0] for error in answers} == {"There is no room"}


def test_nobody_else_writes_in_it(client, ada, bob, room, say):
    message = say(room)
    for room_id in (room, room + 1, 2**40):
        body = {"source": "hello", "room_id": room_id}
        answer = client.post("/api/messages", json=body, headers=bob)
        assert answer.status_code == 400
        assert "room_id" in answer.json["error"]
    edit = {"source": "mine now"}
    answer = client.put(message["_links"]["self"], json=edit, headers=bob)
    assert answer.status_code == 404
    assert client.get(message["_links"]["self"], headers=ada).json == message


def test_who_has_left_reads_nothing_more(app, client, ada, room, say):
    headers = ada | {"Idempotency-Key": "once"}
    message = say(room, headers=headers)
    leave(app, room, 1)
    url = message["_links"]["self"]
    assert client.get(url, headers=ada).status_code == 404
    assert client.put(url, json={"source": "x"}, headers=ada).status_code == 404
    # Not even by repeating the key of what he has said there.
    answer = client.post("/api/messages", json={"source": "x"}, headers=headers)
    assert answer.status_code == 400
    assert SECRET not in answer.text


def test_a_public_room_is_read_by_all_and_written_in_by_members(
    app, client, ada, bob, say
):
    room_id = make_room(app, "public", 1)
    message = say(room_id)
    assert client.get(message["_links"]["self"]).json == message
    listed = client.get(f"/api/messages?room={room_id}").json
    assert listed["messages"] == [message]
    body = {"source": "hello", "room_id": room_id}
    assert client.post("/api/messages", json=body, headers=bob).status_code == 403


@pytest.mark.parametrize("room_id", ["1", 1.5, True, 0, -1, [1]])
def test_a_room_that_is_no_room_is_named(client, ada, room_id):
    body = {"source": "x", "room_id": room_id}
    answer = client.post("/api/messages", json=body, headers=ada)
    assert answer.status_code == 400
    assert "room_id" in answer.json["error"]


def test_no_room_is_the_room_of_everybody(client, ada):
    for body in ({"source": "x"}, {"source": "x", "room_id": None}):
        answer = client.post("/api/messages", json=body, headers=ada)
        assert answer.json["room_id"] == 1
    answer = client.get("/api/messages?room=1").json
    assert [one["id"] for one in answer["messages"]] == [1, 2]


def test_only_its_members_hear_of_it(client, ada, queue, room, say, post, web):
    listener = redis.Redis(port=queue.port).pubsub(ignore_subscribe_messages=True)
    listener.subscribe("flask-socketio")
    listener.get_message(timeout=5)
    message = say(room, web.titled("/page", SECRET))
    end, heard = time.monotonic() + 10, []
    while len(heard) < 2 and time.monotonic() < end:
        if event := listener.get_message(timeout=0.1):
            heard.append(json.loads(event["data"]))
    assert [one["room"] for one in heard] == [f"room:{room}"] * 2
    models = [one["data"][0]["model"] for one in heard]
    assert models[0] == message
    assert SECRET in models[1]["html"]
    post("hello")
    everybody = None
    while everybody is None and time.monotonic() < end:
        everybody = listener.get_message(timeout=0.1)
    assert json.loads(everybody["data"])["room"] is None
    listener.close()
