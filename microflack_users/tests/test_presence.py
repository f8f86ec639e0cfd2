"""Who is online, and how rarely that is written down."""

import time

import pytest
from conftest import PASSWORD
from sqlalchemy import event

from microflack_common import service_tokens
from microflack_common.testing import bearer
from microflack_users import presence
from microflack_users.models import User, db


@pytest.fixture
def age(app):
    """Return a function that lets a user's last sign of life be long ago."""

    def age(user, seconds):
        with app.app_context():
            stored = db.session.get(User, user["id"])
            stored.last_seen_at -= seconds
            stored.updated_at -= seconds
            db.session.commit()
        # What this instance remembers is as old.
        app.extensions["microflack_presence"] = presence.ActivityTracker()

    return age


def wait_for(condition, timeout=5):
    """Wait until ``condition`` is true."""
    end = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < end, condition
        time.sleep(0.01)


def online(client, user):
    return client.get(user["_links"]["self"]).json["online"]


def test_signing_in_sets_the_user_online(client, register):
    user = register("ada", PASSWORD)
    answer = client.get("/api/users/me", auth=("ada", PASSWORD))
    assert answer.json["id"] == user["id"]
    assert answer.json["online"] is True


def test_any_request_with_a_token_is_a_sign_of_life(client, register, sign_in):
    user = register()
    client.get("/api/users", headers=sign_in(user))
    assert online(client, user)


def test_a_request_without_a_token_is_none(client, register):
    user = register()
    client.get("/api/users")
    assert not online(client, user)


def test_arriving_and_leaving_are_told(client, register, sign_in):
    user = register()
    assert client.put("/api/users/me", headers=sign_in(user)).status_code == 204
    assert online(client, user)
    assert client.delete("/api/users/me", headers=sign_in(user)).status_code == 204
    assert not online(client, user)


def test_who_comes_back_at_once_is_online_at_once(client, register, sign_in):
    user = register()
    client.get("/api/users", headers=sign_in(user))
    client.delete("/api/users/me", headers=sign_in(user))
    client.get("/api/users", headers=sign_in(user))
    assert online(client, user)


def test_a_silent_user_goes_offline(client, register, sign_in, age):
    user = register()
    client.put("/api/users/me", headers=sign_in(user))
    before = int(time.time())
    age(user, presence.OFFLINE_AFTER_SECONDS)
    wait_for(lambda: not online(client, user))
    changed = client.get(f"/api/users?updated_since={before}").json["users"]
    assert [u["id"] for u in changed] == [user["id"]]


def test_a_user_seen_lately_stays_online(client, register, sign_in, age):
    user, gone = register("ada"), register("grace")
    for one in (user, gone):
        client.put("/api/users/me", headers=sign_in(one))
    age(user, presence.OFFLINE_AFTER_SECONDS - 20)
    age(gone, presence.OFFLINE_AFTER_SECONDS)
    wait_for(lambda: not online(client, gone))
    assert online(client, user)


def test_a_sign_of_life_that_was_not_written_at_once_counts(
    app, client, register, sign_in, monkeypatch
):
    user = register()
    client.put("/api/users/me", headers=sign_in(user))
    client.get("/api/users", headers=sign_in(user))
    client.get("/api/users", headers=sign_in(user))
    with app.app_context():
        db.session.get(User, user["id"]).last_seen_at -= (
            presence.OFFLINE_AFTER_SECONDS - 20
        )
        db.session.commit()
    # Enough time passes for it to be written, in the eyes of the service.
    monkeypatch.setattr(presence, "RECORD_PERIOD_SECONDS", 0)

    def seen():
        return client.get(user["_links"]["self"]).json["last_seen_at"]

    wait_for(lambda: time.time() - seen() < 30)
    assert online(client, user)


def test_many_requests_write_one_row(app, client, register, sign_in):
    user, writes = register(), []
    with app.app_context():
        engine = db.engine

    @event.listens_for(engine, "after_cursor_execute")
    def count(_connection, _cursor, statement, _values, _context, _many):
        if statement.startswith("UPDATE users") and "WHERE users.id" in statement:
            writes.append(statement)

    for _ in range(20):
        client.get("/api/users", headers=sign_in(user))
        client.put("/api/users/me", headers=sign_in(user))
    assert len(writes) == 1


@pytest.mark.parametrize("method", ["put", "delete"])
def test_a_token_of_a_vanished_user_is_refused(client, sign_in, method):
    answer = getattr(client, method)("/api/users/me", headers=sign_in({"id": 99}))
    assert answer.status_code == 401


def test_a_service_says_in_a_users_place_who_came_and_who_left(
    app, client, register, monkeypatch
):
    monkeypatch.setitem(app.config, "SERVICE_KEY", "a key that a few services share!")
    user = register()
    with app.app_context():
        of_user = bearer(service_tokens.issue_service_token(user["id"]))
        of_nobody = bearer(service_tokens.issue_service_token())
    assert client.put("/api/users/me", headers=of_user).status_code == 204
    assert online(client, user)
    assert client.delete("/api/users/me", headers=of_nobody).status_code == 401
    assert client.delete("/api/users/me", headers=of_user).status_code == 204
    assert not online(client, user)
