"""Changes reach every client, through a real Redis."""

import json
import shutil
import signal
import threading
import time

import pytest
from flask import Flask
from redis import RedisError

from microflack_common import push
from microflack_common.push import CHANNEL, connect
from microflack_common.testing import redis_server


@pytest.fixture
def redis():
    """Return a running Redis."""
    if not shutil.which("redis-server"):
        pytest.skip("redis-server is not installed (Debian package redis-server)")
    with redis_server() as server:
        yield server


@pytest.fixture
def app(redis):
    """Return an application that pushes; what it pushed is sent before Redis ends."""
    app = Flask("small")
    app.config["REDIS"] = redis.address
    push.init_app(app)
    with app.app_context():
        yield app


class Listener(threading.Thread):
    """Listens as a Socket.IO server does, until it has heard ``count`` events."""

    def __init__(self, redis, count):
        super().__init__(daemon=True)
        self.events = []
        self._count = count
        self._pubsub = connect(redis.address).pubsub()
        self._pubsub.subscribe(CHANNEL)
        self._pubsub.get_message(timeout=10)
        self.start()

    def run(self):
        """Listen."""
        end = time.monotonic() + 30
        while len(self.events) < self._count and time.monotonic() < end:
            if message := self._pubsub.get_message(timeout=1):
                self.events.append(json.loads(message["data"]))
        self._pubsub.close()

    def heard(self):
        """Wait until all is heard and return the models."""
        self.join()
        return [event["data"][0]["model"]["id"] for event in self.events]


def push_numbers(numbers):
    for number in numbers:
        push.updated_model("Message", {"id": number}, key=f"message-{number}")


def pusher(app):
    return app.extensions["microflack_push"]


def test_a_change_is_published_as_socketio_servers_expect_it(redis, app):
    listener = Listener(redis, 1)
    push.updated_model("User", {"id": 7, "nickname": "Ådå"}, key="user-7")
    listener.join()
    [event] = listener.events
    assert event["method"] == "emit"
    assert event["event"] == "updated_model"
    assert event["namespace"] == "/"
    assert event["room"] is None
    assert event["data"] == [{"class": "User", "model": {"id": 7, "nickname": "Ådå"}}]


def test_changes_keep_their_order(redis, app):
    listener = Listener(redis, 500)
    push_numbers(range(500))
    assert listener.heard() == list(range(500))


def test_what_was_pushed_is_marked_and_the_rest_is_missed(redis, app):
    push_numbers([1, 2])
    assert pusher(app).flush(10)
    assert push.missed(["message-1", "message-2", "message-3"]) == {"message-3"}
    assert push.missed([]) == set()
    assert 0 < connect(redis.address).ttl("pushed:message-1") <= push.MARKED


def test_changes_wait_for_a_redis_that_is_away_and_for_its_listeners(redis, app):
    first = Listener(redis, 1)
    push_numbers([1])
    assert first.heard() == [1]
    redis.stop()
    push_numbers([2, 3])
    assert not pusher(app).flush(0.5)
    redis.start()
    # It has been back for a moment when the listener comes: nothing was sent to nobody.
    second = Listener(redis, 2)
    assert second.heard() == [2, 3]


def test_a_restart_that_nobody_noticed_loses_nothing(redis, app):
    first = Listener(redis, 1)
    push_numbers([1])
    assert first.heard() == [1]
    redis.stop()
    redis.start()
    push_numbers([2])
    second = Listener(redis, 1)
    assert second.heard() == [2]


def test_without_listeners_nothing_waits(redis, app):
    push_numbers([1])
    # Nobody has ever listened, so nobody is waited for.
    assert pusher(app).flush(push.PATIENCE - 1)


def test_a_redis_that_hangs_holds_up_nobody(redis, app):
    push_numbers([1])
    assert pusher(app).flush(10)
    redis.signal(signal.SIGSTOP)
    push_numbers(range(2, 100))
    listener = pusher(app)
    assert not listener.flush(0.1)
    redis.signal(signal.SIGCONT)
    assert listener.flush(20)
    assert push.missed([f"message-{n}" for n in range(1, 100)]) == set()


def test_the_oldest_go_when_too_many_wait(redis, app, monkeypatch, caplog):
    monkeypatch.setattr(push, "WAITING", 10)
    redis.stop()
    push_numbers([0])
    assert not pusher(app).flush(0.5)
    push_numbers(range(1, 31))
    redis.start()
    assert pusher(app).flush(20)
    keys = [f"message-{n}" for n in range(31)]
    # The first was under way already.
    assert push.missed(keys) == {f"message-{n}" for n in range(1, 21)}
    assert "20 changes were not pushed" in caplog.text


def test_while_redis_is_away_all_counts_as_missed(redis, app):
    push_numbers([1])
    assert pusher(app).flush(10)
    redis.stop()
    assert push.missed(["message-1"]) == {"message-1"}


def test_readiness_asks_redis(redis, app):
    push.answers(app)
    redis.stop()
    with pytest.raises(RedisError):
        push.answers(app)


def test_a_service_that_runs_alone_pushes_nothing():
    app = Flask("small")
    push.init_app(app)
    with app.app_context():
        push_numbers([1])
        assert push.missed(["message-1"]) == set()
    push.answers(app)


def test_what_cannot_be_json_stops_nothing(redis, app):
    listener = Listener(redis, 2)
    push.updated_model("Message", {"id": object()}, key="message-0")
    push_numbers([1])
    assert listener.heard()[1] == 1
