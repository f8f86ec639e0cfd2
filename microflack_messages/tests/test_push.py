"""Changes are pushed to connected clients, after they are committed."""

import json
import time

import pytest
import redis

from microflack_common.testing import redis_server


@pytest.fixture(scope="module")
def queue():
    """Return a running Redis."""
    with redis_server() as server:
        yield server


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
        end = time.monotonic() + 10
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
    (model,) = pushed(1)
    assert model.pop("change") > 0
    assert model == message


def test_an_edit_is_pushed(client, ada, post, pushed):
    message = post("old")
    client.put(message["_links"]["self"], json={"source": "new"}, headers=ada)
    first, second = pushed(2)
    assert second.pop("change") == first["change"] + 1
    assert second == client.get(message["_links"]["self"]).json


def test_cards_are_pushed_when_they_are_there(client, post, pushed, web):
    message = post(web.titled("/page", "Title"))
    first, second = pushed(2)
    assert second.pop("change") == first.pop("change") + 1
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


def test_what_a_crash_kept_from_being_pushed_is_pushed_at_the_next_start(
    app, another, post, pushed, monkeypatch
):
    post("sent")
    (sent,) = pushed(1)
    monkeypatch.setitem(app.extensions, "microflack_push", None)
    post("lost")
    assert app.extensions["microflack_sequencer"].flush(10)
    another().test_client().get("/healthz")
    lost = pushed(2)[1]
    assert lost["source"] == "lost"
    assert lost["change"] == sent["change"] + 1


def test_what_a_crash_kept_from_being_numbered_is_pushed_with_its_number(
    app, client, post, pushed, monkeypatch
):
    sequencer = app.extensions["microflack_sequencer"]
    monkeypatch.setattr(sequencer, "submit", lambda change: None)
    message = post("forgotten")
    (model,) = pushed(1)
    number = client.get("/api/messages").json["change"]
    assert model == message | {"change": number}


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
