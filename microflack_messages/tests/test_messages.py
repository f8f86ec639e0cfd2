"""Posting, reading and editing messages."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest


def test_a_posted_message_is_rendered_and_located(client, ada):
    begin = int(time.time())
    body = {"source": "hello *world*!", "id": 99, "user_id": 5, "unknown": None}
    answer = client.post("/api/messages", json=body, headers=ada)
    assert answer.status_code == 201
    message = answer.json
    assert begin <= message.pop("created_at") <= message.pop("updated_at")
    assert answer.headers["Location"] == "/api/messages/1"
    assert message.pop("change") == client.get("/api/messages").json["change"]
    assert message == {
        "id": 1,
        "source": "hello *world*!",
        "html": "hello <em>world</em>!",
        "user_id": 1,
        "room_id": 1,
        "edited_at": None,
        "deleted": False,
        "reply_to": None,
        "mentions": [],
        "reactions": [],
        "files": [],
        "_links": {"self": "/api/messages/1", "user": "/api/users/1"},
    }


def test_a_message_can_be_read_by_everybody(client, post):
    message = post("hi")
    assert client.get(message["_links"]["self"]).json == message


def test_posting_needs_a_token(client):
    answer = client.post("/api/messages", json={"source": "hi"})
    assert answer.status_code == 401


def test_the_longest_message_of_the_widest_characters_is_kept(client, post):
    source = "🦊" * 16_384
    message = post(source)
    assert client.get(message["_links"]["self"]).json["source"] == source


def test_an_edited_message_is_rendered_anew(app, client, ada, post):
    message = post("*one*")
    time.sleep(1.1)
    url = message["_links"]["self"]
    answer = client.put(url, json={"source": "**two**"}, headers=ada)
    assert (answer.status_code, answer.data) == (204, b"")
    edited = client.get(url).json
    assert (edited["source"], edited["html"]) == ("**two**", "<strong>two</strong>")
    assert edited["created_at"] == message["created_at"]
    assert edited["updated_at"] > message["updated_at"]


def test_editing_anothers_message_is_forbidden(client, bob, post):
    url = post("mine")["_links"]["self"]
    answer = client.put(url, json={"source": "yours"}, headers=bob)
    assert answer.status_code == 403
    assert answer.json["error"] == "You can change your own messages only."
    assert client.get(url).json["source"] == "mine"


def test_a_message_that_is_not_there_is_not_found(client, ada):
    body = {"source": "hi"}
    assert client.get("/api/messages/7").status_code == 404
    assert client.put("/api/messages/7", json=body, headers=ada).status_code == 404


def test_a_repeated_key_answers_with_the_stored_message(client, ada):
    headers = ada | {"Idempotency-Key": "0b5e-1"}
    first = client.post("/api/messages", json={"source": "one"}, headers=headers)
    again = client.post("/api/messages", json={"source": "two"}, headers=headers)
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json == first.json
    assert first.json["idempotency_key"] == "0b5e-1"
    assert "idempotency_key" not in client.get("/api/messages/1").json
    assert again.headers["Location"] == first.headers["Location"]
    assert len(client.get("/api/messages").json["messages"]) == 1


def test_a_key_belongs_to_its_user_and_is_exact(client, ada, bob):
    for headers in (
        ada | {"Idempotency-Key": "key"},
        bob | {"Idempotency-Key": "key"},
        ada | {"Idempotency-Key": "KEY"},
    ):
        answer = client.post("/api/messages", json={"source": "x"}, headers=headers)
        assert answer.status_code == 201


def test_messages_without_a_key_may_be_equal(post):
    assert post("same")["id"] != post("same")["id"]


def test_a_key_that_comes_many_times_at_once_stores_one_message(app, ada):
    headers = ada | {"Idempotency-Key": "at-once"}

    def post(number):
        client = app.test_client()
        body = {"source": f"number {number}"}
        return client.post("/api/messages", json=body, headers=headers)

    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(post, range(16)))
    assert sorted(a.status_code for a in answers) == [200] * 15 + [201]
    assert len({(a.json["id"], a.json["source"]) for a in answers}) == 1
    stored = app.test_client().get("/api/messages").json["messages"]
    assert [m["id"] for m in stored] == [answers[0].json["id"]]


@pytest.mark.parametrize("key", ["", "x" * 65, "ä", "a\tb"])
def test_a_key_that_is_none_is_named(client, ada, key):
    headers = ada | {"Idempotency-Key": key.encode().decode("latin-1")}
    answer = client.post("/api/messages", json={"source": "x"}, headers=headers)
    assert answer.status_code == 400
    assert "Idempotency-Key" in answer.json["error"]
