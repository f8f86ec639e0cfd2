"""Changes are pushed to connected clients, after they are committed."""

import json
import time

import pytest
import redis
from sqlalchemy import text

from microflack_common.testing import FakeRegistry, basic, redis_server
from microflack_users import models, presence
from microflack_users.app import create_app
from microflack_users.config import Config
from microflack_users.models import db


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
    """Return a function that waits for pushes, and returns so many of their models."""
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
            assert (one["event"], one["data"][0]["class"]) == ("updated_model", "User")
        return [one["data"][0]["model"] for one in found]

    yield pushed
    listener.close()
    client.flushall()
    client.close()


def test_a_new_user_is_pushed_as_it_is_answered(register, pushed):
    user = register()
    assert pushed(1) == [user]
    assert "password" not in json.dumps(user)


def test_another_nickname_is_pushed(client, register, sign_in, pushed):
    user = register("ada")
    headers = sign_in(user)
    client.put(user["_links"]["self"], json={"nickname": "Ada L."}, headers=headers)
    # The request itself was a sign of life, too.
    renamed, online = pushed(3)[1:]
    assert renamed["nickname"] == online["nickname"] == "Ada L."


def test_coming_and_going_are_pushed_once(client, register, sign_in, pushed):
    user = register("ada", "x")
    client.get("/api/users/me", headers=basic("ada", "x"))
    for _ in range(3):
        client.put("/api/users/me", headers=sign_in(user))
    for _ in range(3):
        client.delete("/api/users/me", headers=sign_in(user))
    client.get("/api/users", headers=sign_in(user))
    assert [model["online"] for model in pushed(4)] == [False, True, False, True]


def test_a_silent_user_is_pushed(app, client, register, sign_in, pushed):
    user = register()
    client.put("/api/users/me", headers=sign_in(user))
    with app.app_context():
        long_ago = models.now() - presence.OFFLINE_AFTER_SECONDS
        db.session.execute(text(f"UPDATE users SET last_seen_at = {long_ago}"))
        db.session.commit()
    assert [model["online"] for model in pushed(3)] == [False, True, False]


def test_what_a_crash_kept_from_being_pushed_is_pushed_at_the_next_start(
    app, settings, register, pushed, monkeypatch
):
    sent = register("ada")
    pushed(1)
    monkeypatch.setitem(app.extensions, "microflack_push", None)
    lost = register("grace")
    next_start = create_app(Config(settings), FakeRegistry())
    next_start.test_client().get("/healthz")
    assert pushed(2) == [sent, lost]
    next_start.extensions["microflack_presence_task"].stop()


def test_without_the_queue_users_can_register_and_readyz_says_so(
    client, register, queue
):
    queue.stop()
    try:
        register()
        ready = client.get("/readyz")
        assert ready.status_code == 503
        assert "queue" in ready.json["error"]
    finally:
        queue.start()
