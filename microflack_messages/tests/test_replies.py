"""Messages answer others of their room."""

import pytest
from some_rooms import make_room, say


def test_a_message_says_what_it_answers(client, ada, post):
    first = post()
    assert first["reply_to"] is None
    reply = say(client, ada, 1, reply_to=first["id"])
    assert reply["reply_to"] == first["id"]
    assert client.get(reply["_links"]["self"]).json == reply
    assert client.get("/api/messages").json["messages"][-1] == reply


def test_a_deleted_message_can_be_answered(client, ada, post):
    first = post()
    client.delete(first["_links"]["self"], headers=ada)
    assert say(client, ada, 1, reply_to=first["id"])["reply_to"] == first["id"]


def test_an_edit_answers_the_same(client, ada, post):
    reply = say(client, ada, 1, reply_to=post()["id"])
    body = {"source": "new", "reply_to": None}
    client.put(reply["_links"]["self"], json=body, headers=ada)
    assert client.get(reply["_links"]["self"]).json["reply_to"] == reply["reply_to"]


@pytest.mark.parametrize(
    "reply_to", ["1", 1.5, True, 0, -1, [1], {}, 999, 2**31, 2**80]
)
def test_what_is_no_message_is_named(client, ada, post, reply_to):
    post()
    body = {"source": "x", "reply_to": reply_to}
    answer = client.post("/api/messages", json=body, headers=ada)
    assert answer.status_code == 400
    assert answer.json["error"].startswith("reply_to: ")


def test_null_answers_nothing(client, ada):
    assert say(client, ada, 1, reply_to=None)["reply_to"] is None


def test_a_message_of_another_room_looks_like_none(app, client, ada, bob, post):
    own, others = make_room(app, "private", 1), make_room(app, "private", 2)
    secret = say(client, bob, others)
    bodies = [
        {"source": "x", "room_id": own, "reply_to": secret["id"]},
        {"source": "x", "room_id": own, "reply_to": post()["id"]},
        {"source": "x", "room_id": own, "reply_to": 999},
        {"source": "x", "reply_to": secret["id"]},
    ]
    answers = [client.post("/api/messages", json=b, headers=ada) for b in bodies]
    assert [one.status_code for one in answers] == [400] * 4
    assert len({one.json["error"] for one in answers}) == 1
