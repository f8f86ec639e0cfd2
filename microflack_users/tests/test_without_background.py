"""With BACKGROUND=no nothing goes on between requests: they do it all."""

import json
import threading
import time

import pytest
import redis
from sqlalchemy import update

from microflack_common.config import ConfigError
from microflack_common.testing import SECRET, redis_server
from microflack_users import presence
from microflack_users.config import Config
from microflack_users.models import User, db


@pytest.fixture(scope="module")
def queue():
    """Return a running Redis."""
    with redis_server() as server:
        yield server


@pytest.fixture(scope="module")
def settings(settings, queue):
    """Return settings of a function in a cloud, with a queue."""
    return settings | {"BACKGROUND": "no", "REDIS": queue.address}


def threads():
    """Return the names of the threads that look for something again and again."""
    return {one.name for one in threading.enumerate()} & {
        "presence", "name-claims", "sign-outs", "rights for all", "revocations"
    }  # fmt: skip


def test_no_thread_goes_on(client):
    before = threads()
    assert client.get("/api/users").status_code == 200
    assert threads() == before


def test_who_is_idle_is_offline_for_whoever_asks_next(app, client, register, sign_in):
    user = register()
    client.put("/api/users/me", headers=sign_in(user))
    with app.app_context():
        long_ago = int(time.time()) - presence.OFFLINE_AFTER_SECONDS - 1
        db.session.execute(update(User).values(last_seen_at=long_ago))
        db.session.commit()
    end = time.monotonic() + 30
    while client.get(f"/api/users/{user['id']}").json["online"]:
        assert time.monotonic() < end
        time.sleep(0.05)


def test_everybody_was_told_when_the_answer_is_there(app, client, queue, register):
    with redis.Redis(port=queue.port) as connection:
        listener = connection.pubsub(ignore_subscribe_messages=True)
        listener.subscribe("flask-socketio")
        listener.get_message(timeout=5)
        user = register()
        # Twice within a second: the second one waits for its turn elsewhere.
        assert client.get("/api/users").status_code == 200
        found = []
        while message := listener.get_message(timeout=2):
            found.append(json.loads(message["data"])["data"][0]["model"]["id"])
        listener.close()
        assert user["id"] in found
        assert app.extensions["microflack_push"].flush(0.0)


def test_the_setting_is_yes_or_no():
    given = {"JWT_SECRET_KEY": SECRET, "BACKGROUND": "perhaps"}
    with pytest.raises(ConfigError, match="BACKGROUND must be yes or no"):
        Config(given)
