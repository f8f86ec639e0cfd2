"""Changes reach every client, through a real Redis."""

import json
import shutil
import signal
import threading
import time

import pytest
from flask import Flask
from redis import RedisError

from microflack_common import audience, publisher, push
from microflack_common.audience import EVERYBODY
from microflack_common.published_numbers import Number
from microflack_common.publisher import CHANNEL, Publisher, published_key
from microflack_common.redis import connect
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
    """Return an application that publishes; that is done before Redis ends."""
    app = Flask("small")
    app.config["REDIS"] = redis.address
    push.init_app(app)
    with app.app_context():
        yield app


class Listener(threading.Thread):
    """Listens as a Socket.IO server does, until it has ``count`` events."""

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

    def received(self):
        """Wait until all is received and return the models."""
        self.join()
        return [event["data"][0]["model"]["id"] for event in self.events]


def publish_numbers(numbers, **options):
    for number in numbers:
        options |= {"audience": EVERYBODY, "key": f"message-{number}"}
        push.updated_model("Message", {"id": number}, **options)


def publish_counted(numbers, counter="room:1"):
    for number in numbers:
        change = Number(counter, number)
        model = {"id": number}
        push.updated_model("Message", model, audience=EVERYBODY, number=change)


def publisher_of(app):
    return app.extensions["microflack_push"]


def unpublished(app, *keys):
    return publisher_of(app).unpublished(keys)


def test_a_change_is_published_as_socketio_servers_expect_it(redis, app):
    listener = Listener(redis, 1)
    push.updated_model("User", {"id": 7, "nickname": "Ådå"}, audience=EVERYBODY)
    listener.join()
    [event] = listener.events
    assert event["method"] == "emit"
    assert event["event"] == "updated_model"
    assert event["namespace"] == "/"
    assert event["room"] is None
    assert event["data"] == [{"class": "User", "model": {"id": 7, "nickname": "Ådå"}}]


def test_a_change_goes_to_its_audience_only(redis, app):
    listener = Listener(redis, 3)
    for who in (audience.room(2), audience.user(7), EVERYBODY):
        push.updated_model("Message", {"id": 1}, audience=who)
    listener.join()
    assert [event["room"] for event in listener.events] == ["room:2", "user:7", None]


def test_of_what_was_removed_only_the_id_is_told(redis, app):
    listener = Listener(redis, 1)
    push.removed_model("Room", 4, audience=audience.user(7), key="gone")
    listener.join()
    [event] = listener.events
    assert (event["event"], event["room"]) == ("removed_model", "user:7")
    assert event["data"] == [{"class": "Room", "id": 4}]
    assert publisher_of(app).flush(10)
    assert push.unpublished(app, ["gone", "another"]) == {"another"}


def test_nothing_is_published_without_an_audience(app):
    with pytest.raises(TypeError, match="audience"):
        push.updated_model("Message", {"id": 1})


def test_changes_keep_their_order(redis, app):
    listener = Listener(redis, 500)
    publish_numbers(range(500))
    assert listener.received() == list(range(500))


def test_a_master_without_followers_tells_nothing_until_it_takes_writes(redis, app):
    """Otherwise it would tell the same with each try."""
    listener, server = Listener(redis, 2), connect(redis.address)
    server.config_set("min-replicas-to-write", 1)
    publish_numbers([1])
    assert not publisher_of(app).flush(1)
    server.config_set("min-replicas-to-write", 0)
    publish_numbers([2])
    assert listener.received() == [1, 2]


def test_what_was_published_is_known_for_a_while(redis, app):
    publish_numbers([1, 2])
    assert publisher_of(app).flush(10)
    assert unpublished(app, "message-1", "message-2", "message-3") == {"message-3"}
    assert unpublished(app) == set()
    seconds = connect(redis.address).ttl(published_key("message-1"))
    assert 0 < seconds <= publisher.PUBLISHED_SECONDS


def test_what_an_earlier_process_published_is_left_out_and_the_order_stays(redis, app):
    publish_numbers([1, 3])
    assert publisher_of(app).flush(10)
    listener = Listener(redis, 4)
    publish_numbers(range(1, 5), if_unpublished=True)
    publish_numbers([1, 5])
    assert listener.received() == [2, 4, 1, 5]


def test_numbers_that_were_never_published_are_known(redis, app):
    assert push.unpublished_numbers(app, "room:1", 4) == []
    publish_counted([9, 5, 7])
    publish_counted([6], "room:2")
    assert publisher_of(app).flush(10)
    assert push.unpublished_numbers(app, "room:1", 10) == [6, 8, 10]
    publish_counted([6, 8, 10])
    assert publisher_of(app).flush(10)
    assert push.unpublished_numbers(app, "room:1", 10) == []


def test_changes_wait_for_a_redis_that_is_away_and_for_its_listeners(redis, app):
    first = Listener(redis, 1)
    publish_numbers([1])
    assert first.received() == [1]
    redis.stop()
    publish_numbers([2, 3])
    assert not publisher_of(app).flush(0.5)
    redis.start()
    # It has been back for a moment when the listener comes: nothing was sent to nobody.
    second = Listener(redis, 2)
    assert second.received() == [2, 3]


def test_a_restart_that_nobody_noticed_loses_nothing(redis, app):
    first = Listener(redis, 1)
    publish_numbers([1])
    assert first.received() == [1]
    redis.stop()
    redis.start()
    publish_numbers([2])
    second = Listener(redis, 1)
    assert second.received() == [2]


def test_without_listeners_nothing_waits(redis, app):
    publish_numbers([1])
    # Nobody has ever listened, so nobody is waited for.
    assert publisher_of(app).flush(publisher.RECEIVERS_TIMEOUT_SECONDS - 1)


def test_a_redis_that_hangs_holds_up_nobody(redis, app):
    publish_numbers([1])
    assert publisher_of(app).flush(10)
    redis.signal(signal.SIGSTOP)
    publish_numbers(range(2, 100))
    assert not publisher_of(app).flush(0.1)
    redis.signal(signal.SIGCONT)
    assert publisher_of(app).flush(20)
    assert unpublished(app, *(f"message-{n}" for n in range(1, 100))) == set()


def test_the_oldest_go_when_too_many_wait(redis, app, caplog):
    app.extensions["microflack_push"] = Publisher(redis.address, capacity=10)
    redis.stop()
    publish_numbers([0])
    assert not publisher_of(app).flush(0.5)
    publish_numbers(range(1, 31))
    redis.start()
    assert publisher_of(app).flush(20)
    keys = [f"message-{n}" for n in range(31)]
    # The first was under way already.
    assert unpublished(app, *keys) == {f"message-{n}" for n in range(1, 21)}
    assert "20 changes were not published" in caplog.text


def test_an_outage_is_told_when_it_begins_and_when_it_ends(redis, app, caplog):
    caplog.set_level("INFO")
    redis.stop()
    publish_numbers([1])
    assert not publisher_of(app).flush(0.5)
    redis.start()
    assert publisher_of(app).flush(20)
    assert caplog.text.count("Redis is away, changes wait") == 1
    assert caplog.text.count("Redis is back after") == 1


def test_while_redis_is_away_all_counts_as_unpublished(redis, app):
    publish_numbers([1])
    assert publisher_of(app).flush(10)
    redis.stop()
    assert unpublished(app, "message-1") == {"message-1"}


def test_while_redis_is_away_no_number_is_published_again(redis, app):
    publish_counted([1, 3])
    assert publisher_of(app).flush(10)
    redis.stop()
    assert push.unpublished_numbers(app, "room:1", 3) == []


def test_readiness_asks_redis(redis, app):
    push.answers(app)
    redis.stop()
    with pytest.raises(RedisError):
        push.answers(app)


def test_a_service_that_runs_alone_publishes_nothing():
    app = Flask("small")
    push.init_app(app)
    with app.app_context():
        publish_numbers([1])
        push.removed_model("Message", 1, audience=EVERYBODY)
    push.answers(app)
    assert push.unpublished_numbers(app, "room:1", 2) == []
    assert push.unpublished(app, ["message-1"]) == set()


def test_what_cannot_be_json_stops_nothing(redis, app):
    listener = Listener(redis, 2)
    push.updated_model("Message", {"id": object()}, audience=EVERYBODY)
    publish_numbers([1])
    assert listener.received()[1] == 1
