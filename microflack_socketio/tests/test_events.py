"""The events that clients send, and what they are told."""

import time

import jwt
import pytest
from instances import Client, publish, wait_until

from microflack_common.testing import SECRET, FakeRegistry, running
from microflack_socketio.app import create_app
from microflack_socketio.config import Config


def test_a_message_is_posted_as_its_author_and_acknowledged(services, connect, token):
    client = connect()
    sent = token(7)
    body = {"source": "hello *world*", "idempotency_key": "key-1"}
    answer = client.call("post_message", body, sent)
    [call] = services.of(7, "POST")
    assert (call.path, call.json) == ("/api/messages", {"source": "hello *world*"})
    assert (call.token, call.key) == (sent, "key-1")
    assert answer == {"id": 1, "user_id": 7, "source": "hello *world*"}


def test_a_refused_message_is_acknowledged_with_the_reason(services, connect, token):
    services.answer = {"error": "source: Must have 1 to 10000 characters."}, 400
    answer = connect().call("post_message", {"source": ""}, token())
    assert answer == {"error": "source: Must have 1 to 10000 characters."}


def test_a_messages_service_that_is_away_is_told_to_the_client(
    services, connect, token
):
    services.answer = "gone", 503
    answer = connect().call("post_message", {"source": "x"}, token())
    assert "cannot answer" in answer["error"]


def test_a_ping_sets_its_user_online(services, connect, token):
    assert connect().call("ping_user", token(8)) == {}
    [call] = services.of(8, "PUT")
    assert call.path == "/api/users/me"


def test_events_work_without_an_acknowledgement(services, connect, token):
    connect().emit("post_message", {"source": "x"}, token(9))
    wait_until(lambda: services.of(9, "POST"))


GOOD = object()
WRONG = [
    (), (GOOD,), (GOOD, GOOD), ({"source": "x"},), (GOOD, {"source": "x"}),
    ("x", GOOD), (None, GOOD), ([], GOOD), ({}, GOOD), ({"source": 1}, GOOD),
    ({"source": None}, GOOD), ({"source": "\ud800"}, GOOD),
    ({"source": "x", "idempotency_key": 5}, GOOD),
    ({"source": "x", "idempotency_key": "ä\r\n"}, GOOD),
    ({"source": "x", "idempotency_key": "a\r\nX-Evil: 1"}, GOOD),
    ({"source": "x"}, GOOD, 1), ({"source": "x"}, 5), ({"source": "x"}, None),
    ({"source": "x"}, {"a": []}), ({"source": "x"}, "x" * 5000),
]  # fmt: skip


@pytest.mark.parametrize("arguments", WRONG, ids=range(len(WRONG)))
def test_a_message_with_wrong_arguments_is_refused(services, connect, token, arguments):
    arguments = [token() if value is GOOD else value for value in arguments]
    client = connect()
    assert client.call("post_message", *arguments)["error"]
    assert not services.asked()
    assert client.call("ping_user", token(3)) == {}


@pytest.mark.parametrize("wrong", ["{}\n", "\n{}", "{} ", "{}é", "{}\r\nX-Evil: 1"])
def test_a_token_that_cannot_be_sent_on_is_said_to_be_wrong(
    services, connect, token, wrong
):
    answer = connect().call("post_message", {"source": "x"}, wrong.format(token()))
    assert "Sign in again" in answer["error"]
    assert not services.asked()


@pytest.mark.parametrize("arguments", [(), (1,), (None,), ([],), ({},), ("a", "b")])
def test_a_ping_with_wrong_arguments_is_refused(services, connect, arguments):
    assert connect().call("ping_user", *arguments)["error"]
    assert not services.asked()


def test_an_unknown_event_is_told_so(connect):
    client = connect()
    assert client.call("shout", 1) == {"error": "There is no event 'shout'."}
    for reserved in ("connect", "disconnect"):
        client.call(reserved, 1, 2)
    assert client.connected


@pytest.mark.parametrize("bad", ["", "nonsense", "a.b.c"])
def test_a_bad_token_is_told_to_its_client_only(services, connect, bad):
    client, other = connect(), connect()
    assert "Sign in again" in client.call("ping_user", bad)["error"]
    assert client.next("expired_token") is None
    assert not services.asked()
    assert not other.heard("expired_token")


def test_a_token_that_another_service_refuses_is_told_as_well(services, connect, token):
    services.answer = {"error": "The token has been revoked."}, 401
    client = connect()
    answer = client.call("post_message", {"source": "x"}, token())
    assert answer == {"error": "The token has been revoked."}
    client.next("expired_token")


def test_a_token_that_expires_on_an_open_connection_is_told_in_time(connect, token):
    client, other = connect(), connect()
    client.call("ping_user", token(lifetime=2))
    other.call("ping_user", token())
    expires = int(time.time()) + 2
    client.next("expired_token")
    assert expires - 1 < time.time() < expires + 2
    assert not other.heard("expired_token")


def test_a_revoked_token_is_told_to_all_who_used_it_last(services, behind, token):
    registry = FakeRegistry()
    registry.put("/revocations/complete", "1")
    settings = {"JWT_SECRET_KEY": SECRET, "LB": behind[1], "ASYNC_MODE": "threading"}
    app = create_app(Config(settings), registry)
    sent = token(5)
    with running(app) as url:
        clients = [Client(url) for _ in range(3)]
        for client in clients[:2]:
            client.call("ping_user", sent)
        clients[2].call("ping_user", token(5))
        claims = jwt.decode(sent, options={"verify_signature": False})
        registry.put(f"/revoked-tokens/{claims['jti']}", "x")
        for client in clients[:2]:
            client.next("expired_token")
        assert "revoked" in clients[0].call("ping_user", sent)["error"]
        assert not clients[2].heard("expired_token")
        for client in clients:
            client.close()


def test_a_slow_service_holds_up_nobody_else(services, redis, connect, token):
    slow, other = connect(), connect()
    services.slow.clear()
    slow.emit("post_message", {"source": "1"}, token(11))
    slow.emit("post_message", {"source": "2"}, token(11))
    publish(redis, {"id": 1})
    assert other.next()["model"]["id"] == 1
    assert not services.asked()
    services.slow.set()
    wait_until(lambda: len(services.of(11, "POST")) == 2)
    # A client's events are handled in their order.
    assert [call.json["source"] for call in services.of(11, "POST")] == ["1", "2"]


@pytest.mark.parametrize("transport", ["websocket", "polling"])
def test_a_change_reaches_every_client(redis, connect, transport):
    clients = [connect(transport=transport) for _ in range(5)]
    model = {"id": 2, "html": "Ünï <em>code</em>", "big": "x" * 70_000}
    publish(redis, model)
    for client in clients:
        assert client.next() == {"class": "Message", "model": model}


def test_changes_keep_their_order(redis, raw):
    client = raw().join()
    for number in range(100):
        publish(redis, {"number": number})
    received = b""
    while b'"number":99}' not in received:
        received += client.socket.recv(65536)
    places = [received.index(f'"number":{n}}}'.encode()) for n in range(100)]
    assert places == sorted(places)
