"""The queue within one process answers as a real Redis does."""

import threading

import pytest

from microflack_common import redis
from microflack_common.audience import EVERYBODY
from microflack_common.local_queue import LocalQueue
from microflack_common.publisher import CHANNEL, Publication, Publisher
from microflack_common.testing import redis_server


@pytest.fixture(scope="module")
def server():
    with redis_server() as server:
        yield server


@pytest.fixture(params=["local", "redis"])
def queue(request, server):
    """Each in turn, with nothing in it."""
    if request.param == "local":
        return LocalQueue()
    found = redis.connect(server.address)
    found.flushall()
    request.addfinalizer(found.close)
    return found


def test_a_key_is_set_once_for_a_while(queue):
    assert queue.set("a", 1, px=50, nx=True)
    assert queue.set("a", 2, px=50, nx=True) is None
    assert queue.mget(["a", "b"]) == [b"1", None]
    assert queue.set("a", 3, ex=100)
    assert queue.mget(iter(["a"])) == [b"3"]


def test_a_key_ends_by_itself():
    now = [0.0]
    queue = LocalQueue(clock=lambda: now[0])
    queue.set("a", 1, ex=10)
    queue.zadd("b", {"x": 1})
    assert queue.expire("b", 10) and not queue.expire("c", 10)
    now[0] = 10.1
    assert queue.mget(["a"]) == [None]
    assert queue.zrange("b", 0, -1) == []
    assert queue.set("a", 2, nx=True)


def test_members_have_their_order(queue):
    assert queue.zadd("a", {3: 3, 1: 1, 2: 2}) == 3
    assert queue.zadd("a", {3: 4}) == 0
    assert queue.zrange("a", 0, -1) == [b"1", b"2", b"3"]
    assert queue.zrange("a", 1, 1) == [b"2"]
    assert queue.zcount("a", 2, "+inf") == 2
    assert queue.zremrangebyrank("a", 0, -3) == 1
    assert queue.zremrangebyrank("a", 0, -1001) == 0
    assert queue.zrem("a", "2", "9") == 1
    assert queue.zrange("a", 0, -1) == [b"3"]
    assert queue.zrem("b", "1") == queue.zcount("b", 0, "+inf") == 0


def test_commands_go_together(queue):
    with queue.pipeline(transaction=False) as pipeline:
        pipeline.set("a", 1)
        pipeline.publish("c", "text")
        pipeline.mget(["a"])
        assert pipeline.execute() == [True, 0, [b"1"]]


def test_all_who_listen_hear_in_order(queue):
    one, two = queue.pubsub(), queue.pubsub()
    for each in (one, two):
        each.subscribe("c")
        assert each.get_message(timeout=60)["type"] == "subscribe"
    assert queue.pubsub_numsub("c") == [(b"c", 2)]
    assert queue.publish("c", "a") == queue.publish("c", b"b") == 2
    for each in (one, two):
        heard = [each.get_message(timeout=60) for _ in "ab"]
        assert [(m["type"], m["data"]) for m in heard] == [
            ("message", b"a"),
            ("message", b"b"),
        ]
        assert each.get_message(timeout=0.01) is None
        each.ping()
        assert each.get_message(timeout=60)["type"] == "pong"
    one.close()
    two.close()
    assert LocalQueue().publish("c", "nobody") == 0


def test_what_is_published_reaches_who_listens_in_this_process():
    subscription = redis.connect("local:").pubsub()
    subscription.subscribe(CHANNEL)
    assert subscription.get_message(timeout=60)["type"] == "subscribe"
    publisher = Publisher("local:")
    publisher.publish(Publication("User", {"id": 1}, EVERYBODY, key="one"))
    assert b'"id":1' in subscription.get_message(timeout=30)["data"]
    assert publisher.flush(30)
    assert publisher.unpublished(["one", "two"]) == {"two"}
    publisher.answers()
    subscription.close()


def test_many_threads_lose_nothing():
    queue = LocalQueue()
    add = [
        threading.Thread(
            target=lambda n=n: [queue.zadd("a", {f"{n}-{i}": i}) for i in range(200)]
        )
        for n in range(8)
    ]
    for thread in add:
        thread.start()
    for thread in add:
        thread.join()
    assert queue.zcount("a", 0, "+inf") == 1600
