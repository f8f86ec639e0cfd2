"""Sessions end with a password, or with an account."""

import time
from uuid import uuid4

import pytest
from conftest import PASSWORD, wait_for
from flask import Flask, request

from microflack_common.claims import Claims
from microflack_common.service_tokens import decode_service_token
from microflack_common.testing import SECRET, bearer, running
from microflack_common.tokens import decode_token, encode_claims
from microflack_users import sessions
from microflack_users.models import db
from microflack_users.sessions import PendingSignOut

KEY = "the key of services, for tests only!"


class Tokens:
    """Stands in for the tokens service; remembers what it was asked to end."""

    def __init__(self):
        self.status = 204
        self.asked = []
        self.app = Flask("tokens")
        self.app.config.update(SERVICE_KEY=KEY, JWT_SECRET_KEY=SECRET)
        self.app.delete("/api/tokens/users/<int:user_id>")(self.end)

    def end(self, user_id):
        token = request.headers["Authorization"].removeprefix("Bearer ")
        self.asked.append((user_id, request.args.get("except"), token))
        return "", self.status


@pytest.fixture(scope="module")
def tokens():
    """Return the stand-in, which serves."""
    return Tokens()


@pytest.fixture(scope="module")
def settings(settings, tokens):
    """Return settings with a way to the stand-in."""
    with running(tokens.app) as url:
        yield settings | {"LB": url, "SERVICE_KEY": KEY}


@pytest.fixture(autouse=True)
def afresh(tokens):
    """Have it answer as it should."""
    tokens.status = 204
    tokens.asked.clear()


def test_another_password_ends_the_other_sessions(
    app, client, register, registry, tokens
):
    register()
    registry.put("/revocations/complete", "1")
    moment = int(time.time())
    claims = Claims(1, moment, moment + 60, uuid4().hex, "session-1", 0, moment)
    with app.app_context():
        headers = bearer(encode_claims(claims))
    # What was just written is known within a second.
    wait_for(lambda: client.put("/api/users/me", headers=headers).status_code == 204)
    change = {"password": "another secret"}
    answer = client.put("/api/users/1", json=change, headers=headers)
    assert answer.status_code == 204
    [(user_id, spared, token)] = tokens.asked
    assert (user_id, spared) == (1, "session-1")
    with tokens.app.app_context():
        asked = decode_service_token(token)
    assert (asked.service, asked.user_id) == ("users", 1)


def test_a_nickname_ends_nothing(client, register, sign_in, tokens):
    change = {"nickname": "countess"}
    client.put("/api/users/1", json=change, headers=sign_in(register()))
    assert tokens.asked == []


def test_what_cannot_be_ended_is_ended_later(app, client, admin, register, tokens):
    register()
    tokens.status = 500
    change = {"deactivated": True}
    assert client.put("/api/users/2", json=change, headers=admin).status_code == 204
    tokens.status = 204
    with app.app_context():
        db.session.query(PendingSignOut).update({"since": 1})
        db.session.commit()
    wait_for(lambda: len(tokens.asked) > 1)
    assert {(user_id, spared) for user_id, spared, _ in tokens.asked} == {(2, None)}


@pytest.mark.parametrize("status", [404, 405])
def test_a_tokens_service_without_sessions_has_nothing_to_end(
    app, client, register, sign_in, tokens, status
):
    tokens.status = status
    user = register()
    change = {"password": "another secret"}
    answer = client.put("/api/users/1", json=change, headers=sign_in(user))
    assert answer.status_code == 204
    with app.app_context():
        assert db.session.query(PendingSignOut).count() == 0
    answer = client.delete("/api/users/1/sessions", headers=sign_in(user))
    assert answer.status_code == 503


def test_without_a_key_of_services_it_asks_in_the_users_name(
    app, register, tokens, monkeypatch
):
    user = register()
    monkeypatch.setitem(app.config, "SERVICE_KEY", "")
    with app.app_context():
        sessions.note(user["id"])
        db.session.commit()
        assert sessions.end(user["id"])
    [(_, _, token)] = tokens.asked
    with tokens.app.app_context():
        assert decode_token(token).user_id == user["id"]


def test_all_sessions_of_a_user_can_be_ended(client, admin, register, sign_in, tokens):
    ada = sign_in(register())
    assert client.delete("/api/users/2/sessions", headers=ada).status_code == 204
    assert client.delete("/api/users/2/sessions", headers=admin).status_code == 204
    assert [asked[:2] for asked in tokens.asked] == [(2, None), (2, None)]
    assert client.delete("/api/users/1/sessions", headers=ada).status_code == 403
    assert client.delete("/api/users/1/sessions").status_code == 401
    tokens.status = 500
    assert client.delete("/api/users/2/sessions", headers=ada).status_code == 503


def test_a_deleted_account_has_no_sessions(client, register, sign_in, tokens):
    body = {"current_password": PASSWORD}
    headers = sign_in(register())
    assert client.delete("/api/users/1", json=body, headers=headers).status_code == 204
    assert [asked[:2] for asked in tokens.asked] == [(1, None)]
