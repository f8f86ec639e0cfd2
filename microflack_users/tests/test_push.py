"""Changes are pushed to connected clients, after they are committed."""

import json
import time

import pytest
import redis
from conftest import PASSWORD, stop
from sqlalchemy import insert, text

from microflack_common.testing import FakeRegistry, basic, redis_server
from microflack_users import events, models, presence
from microflack_users.app import create_app
from microflack_users.config import Config
from microflack_users.events import UserEvents
from microflack_users.models import User, db

PEOPLE = 1000


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
    """Return a function that waits for pushes until one is as the last should be.

    It returns the models of all that came.
    """
    client = redis.Redis(port=queue.port)
    listener = client.pubsub(ignore_subscribe_messages=True)
    listener.subscribe("flask-socketio")
    listener.get_message(timeout=5)
    found = []

    def pushed(is_last):
        end = time.monotonic() + 30
        while not (found and is_last(found[-1])):
            assert time.monotonic() < end, f"only {len(found)} were pushed"
            if message := listener.get_message(timeout=0.1):
                event = json.loads(message["data"])
                assert (event["event"], event["room"]) == ("updated_model", None)
                assert event["data"][0]["class"] == "User"
                found.append(event["data"][0]["model"])
        return found

    yield pushed
    listener.close()
    client.flushall()
    client.close()


def user_events(app, period_seconds):
    """Have ``app`` tell of a user once in that time, which the test can end."""
    slow = app.extensions["microflack_user_events"] = UserEvents(app, period_seconds)
    return slow


@pytest.fixture
def slowly(app):
    """Let ``app`` tell of a user once in a minute; ``tell_all`` is that moment."""
    before = app.extensions["microflack_user_events"]
    yield user_events(app, 60)
    app.extensions["microflack_user_events"] = before


def tell_all(events):
    """Tell of all who wait, however slow the machine is."""
    assert events.flush(60)
    events.stop()


def fill(app, count):
    """Store so many users without passwords, with ids from 1."""
    times = dict.fromkeys(("created_at", "updated_at"), models.now())
    # Nobody is idle while the test runs.
    times["last_seen_at"] = models.now() + 3600
    people = [
        {
            "nickname": f"user{n}",
            "nickname_key": f"user{n}",
            "password_hash": "",
            "online": False,
        }
        for n in range(1, count + 1)
    ]
    with app.app_context():
        db.session.execute(insert(User), [times | one for one in people])
        db.session.commit()


def test_a_new_user_is_pushed_as_it_is_answered(register, pushed):
    user = register()
    assert pushed(lambda model: model == user) == [user]
    assert "password" not in json.dumps(user)


def test_another_nickname_is_pushed(client, register, sign_in, pushed):
    user = register("ada")
    headers = sign_in(user)
    client.put(user["_links"]["self"], json={"nickname": "Ada L."}, headers=headers)
    # The request itself was a sign of life, too.
    pushed(lambda model: model["nickname"] == "Ada L." and model["online"])


def test_coming_and_going_are_pushed(client, register, sign_in, pushed):
    user = register("ada", PASSWORD)
    client.get("/api/users/me", headers=basic("ada", PASSWORD))
    pushed(lambda model: model["online"])
    client.delete("/api/users/me", headers=sign_in(user))
    pushed(lambda model: not model["online"])
    client.put("/api/users/me", headers=sign_in(user))
    pushed(lambda model: model["online"])


def test_what_changes_nothing_is_not_pushed(app, client, register, sign_in, pushed):
    user = register("ada", PASSWORD)
    client.put("/api/users/me", headers=sign_in(user))
    before = len(pushed(lambda model: model["online"]))
    for _ in range(3):
        client.put("/api/users/me", headers=sign_in(user))
        client.get("/api/users", headers=sign_in(user))
    last = register("grace")
    assert len(pushed(lambda model: model["id"] == last["id"])) == before + 1


def test_a_silent_user_is_pushed(app, client, register, sign_in, pushed):
    user = register()
    client.put("/api/users/me", headers=sign_in(user))
    pushed(lambda model: model["online"])
    with app.app_context():
        long_ago = models.now() - presence.OFFLINE_AFTER_SECONDS
        db.session.execute(text(f"UPDATE users SET last_seen_at = {long_ago}"))
        db.session.commit()
    pushed(lambda model: not model["online"])


def test_who_comes_and_goes_at_once_is_told_of_once_and_then_as_he_is(
    client, register, sign_in, pushed, slowly
):
    user = register("ada")
    pushed(lambda model: model == user)
    for _ in range(3):
        client.put("/api/users/me", headers=sign_in(user))
        client.delete("/api/users/me", headers=sign_in(user))
    client.put("/api/users/me", headers=sign_in(user))
    tell_all(slowly)
    told = pushed(lambda model: model["online"])
    assert len(told) == 2
    assert told[1] == client.get(user["_links"]["self"]).json


def test_instances_together_tell_of_a_user_once(
    app, settings, register, sign_in, pushed, slowly
):
    user = register("ada")
    pushed(lambda model: model == user)
    another = create_app(Config(settings), FakeRegistry())
    others = user_events(another, 60)
    try:
        another.test_client().put("/api/users/me", headers=sign_in(user))
        other = register("grace")
        assert pushed(lambda model: model["id"] == other["id"]) == [user, other]
        tell_all(others)
        pushed(lambda model: model["id"] == user["id"] and model["online"])
    finally:
        stop(another)


def test_a_thousand_people_who_come_and_go_are_no_million_events(app, pushed, slowly):
    fill(app, PEOPLE)
    with app.app_context():
        for _ in range(20):
            for user_id in range(1, PEOPLE + 1):
                events.changed(user_id)
        db.session.execute(text("UPDATE users SET online = 1"))
        db.session.commit()
    tell_all(slowly)
    online = set()

    def all_are_there(model):
        online.update({model["id"]} if model["online"] else ())
        return len(online) == PEOPLE

    assert len(pushed(all_are_there)) <= 2 * PEOPLE


def test_changes_wait_for_a_queue_that_is_away(
    client, register, sign_in, queue, pushed
):
    user = register("ada")
    pushed(lambda model: model == user)
    queue.stop()
    try:
        for _ in range(3):
            client.put("/api/users/me", headers=sign_in(user))
            client.delete("/api/users/me", headers=sign_in(user))
        client.put("/api/users/me", headers=sign_in(user))
    finally:
        queue.start()
    told = pushed(lambda model: model["online"])
    assert len(told) == 2


def test_what_a_crash_kept_from_being_pushed_is_pushed_at_the_next_start(
    app, settings, register, pushed, monkeypatch
):
    sent = register("ada")
    pushed(lambda model: model == sent)
    monkeypatch.setitem(app.extensions, "microflack_user_events", None)
    lost = register("grace")
    next_start = create_app(Config(settings), FakeRegistry())
    next_start.test_client().get("/healthz")
    assert pushed(lambda model: model == lost) == [sent, lost]
    stop(next_start)


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


def test_whom_somebody_has_blocked_is_told_to_nobody_else(
    client, queue, register, sign_in
):
    ada = sign_in(register("ada"))
    register("eve")
    connection = redis.Redis(port=queue.port)
    with connection.pubsub(ignore_subscribe_messages=True) as listener:
        listener.subscribe("flask-socketio")
        listener.get_message(timeout=5)
        client.put("/api/users/me/blocked/2", headers=ada)
        event = None
        while not event or event["data"][0]["class"] != "Blocked":
            message = listener.get_message(timeout=60)
            assert message, "nobody was told"
            event = json.loads(message["data"])
    connection.close()
    assert event["room"] == "user:1"
    assert event["data"][0]["model"] == {"id": 1, "user_ids": [2]}
