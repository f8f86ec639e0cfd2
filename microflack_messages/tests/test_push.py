"""Changes are pushed to connected clients, after they are committed."""

import json
import time

import pytest
import redis

from microflack_messages import publication


@pytest.fixture(scope="module")
def settings(settings, queue):
    """Return settings with a queue."""
    return settings | {"REDIS": queue.address}


@pytest.fixture
def pushed(app, queue):
    """Return a function that waits for so many pushes, and returns their models."""
    client = redis.Redis(port=queue.port)
    listener = client.pubsub(ignore_subscribe_messages=True)
    listener.subscribe("flask-socketio")
    listener.get_message(timeout=5)
    found = []

    def pushed(count):
        end = time.monotonic() + 60
        while len(found) < count:
            assert time.monotonic() < end, f"only {len(found)} were pushed"
            if message := listener.get_message(timeout=0.1):
                found.append(json.loads(message["data"]))
        for one in found:
            assert (one["event"], one["data"][0]["class"]) == (
                "updated_model",
                "Message",
            )
        return [one["data"][0]["model"] for one in found]

    yield pushed
    listener.close()
    client.flushall()
    client.close()


def test_a_new_message_is_pushed_as_it_is_answered(post, pushed):
    message = post("hello *world*!")
    assert pushed(1) == [message]


def test_an_edit_is_pushed(client, ada, post, pushed):
    message = post("old")
    client.put(message["_links"]["self"], json={"source": "new"}, headers=ada)
    first, second = pushed(2)
    assert second["change"] == first["change"] + 1
    assert second == client.get(message["_links"]["self"]).json


def test_cards_are_pushed_when_they_are_there(client, post, pushed, web):
    message = post(web.titled("/page", "Title"))
    first, second = pushed(2)
    assert second["change"] == first["change"] + 1
    assert first == message
    assert "link-card" in second["html"]
    assert second == client.get(message["_links"]["self"]).json


def test_what_was_not_stored_is_not_pushed(client, ada, pushed):
    assert client.post("/api/messages", json={}, headers=ada).status_code == 400
    headers = ada | {"Idempotency-Key": "once"}
    for _ in range(2):
        client.post("/api/messages", json={"source": "x"}, headers=headers)
    client.post("/api/messages", json={"source": "last"}, headers=ada)
    assert [model["source"] for model in pushed(2)] == ["x", "last"]


def test_messages_are_pushed_in_their_order(post, pushed):
    ids = [post(str(number))["id"] for number in range(30)]
    models = pushed(30)
    assert [model["id"] for model in models] == ids
    first = models[0]["change"]
    assert [model["change"] for model in models] == list(range(first, first + 30))


def test_what_a_crash_kept_from_being_pushed_is_pushed_by_another_instance(
    app, another, client, ada, post, pushed, monkeypatch
):
    monkeypatch.setattr(publication, "LOOK_SECONDS", 0.05)
    sent = post("sent")
    assert pushed(1) == [sent]
    with monkeypatch.context() as crashed:
        crashed.setitem(app.extensions, "microflack_push", None)
        lost, superseded = post("lost"), post("lost and changed")
        edit = {"source": "edited"}
        client.put(superseded["_links"]["self"], json=edit, headers=ada)
    another().test_client().get("/healthz")
    edited = client.get(superseded["_links"]["self"]).json
    # What was pushed is not pushed again.
    assert pushed(3) == [sent, lost, edited]


def test_a_message_is_stored_and_answered_while_the_queue_is_away(
    client, ada, queue, pushed
):
    queue.stop()
    try:
        begin = time.monotonic()
        answer = client.post("/api/messages", json={"source": "x"}, headers=ada)
        assert answer.status_code == 201
        assert time.monotonic() - begin < 1
        ready = client.get("/readyz")
        assert ready.status_code == 503
        assert "queue" in ready.json["error"]
    finally:
        queue.start()
    stored = client.get("/api/messages").json["messages"]
    assert [message["source"] for message in stored] == ["x"]
