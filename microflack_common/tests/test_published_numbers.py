"""Numbers that were committed and never published are found, in a real Redis."""

import shutil

import pytest
from redis import RedisError

from microflack_common import published_numbers
from microflack_common.published_numbers import KEPT, Number
from microflack_common.redis import connect
from microflack_common.testing import redis_server

ROOM = "room:1"


@pytest.fixture(scope="module")
def server():
    """Return a running Redis."""
    if not shutil.which("redis-server"):
        pytest.skip("redis-server is not installed (Debian package redis-server)")
    with redis_server() as server:
        yield server


@pytest.fixture
def redis(server):
    """Return a client of an empty Redis."""
    client = connect(server.address)
    client.flushall()
    yield client
    client.close()


def publish(redis, *values, counter=ROOM):
    numbers = [Number(counter, value) for value in values]
    published_numbers.mark_published(redis, numbers)


def unpublished(redis, last, counter=ROOM):
    return published_numbers.unpublished(redis, counter, last)


def test_what_is_missing_among_the_published_is_found(redis):
    publish(redis, 1, 2, 5, 4)
    assert unpublished(redis, 5) == [3]


def test_what_follows_the_published_is_found(redis):
    publish(redis, 1, 2)
    assert unpublished(redis, 4) == [3, 4]


def test_what_is_newer_than_asked_for_is_not_looked_at(redis):
    publish(redis, 1, 4)
    assert unpublished(redis, 2) == [2]


def test_one_that_was_found_and_published_is_found_no_more(redis):
    publish(redis, 1, 3)
    publish(redis, 2, 3)
    assert unpublished(redis, 3) == []


def test_the_first_number_of_a_new_counter_is_found(redis):
    assert unpublished(redis, 0) == []
    assert unpublished(redis, 1) == [1]


def test_counters_do_not_know_of_each_other(redis):
    publish(redis, 1, 3, counter="room:1")
    publish(redis, 2, counter="room:2")
    assert unpublished(redis, 3) == [2]
    assert unpublished(redis, 3, "room:2") == [3]


def test_after_a_loss_of_data_nothing_old_is_found(redis):
    publish(redis, *range(1, 10))
    redis.flushall()
    assert unpublished(redis, 9) == []
    assert unpublished(redis, 11) == [10, 11]


def test_after_a_loss_what_was_published_first_stands_for_all_before_it(redis):
    publish(redis, 1, 2, 3)
    redis.flushall()
    publish(redis, 5, 7)
    assert unpublished(redis, 7) == [6]


def test_what_is_kept_is_bounded(redis):
    publish(redis, *range(1, KEPT // 2))
    publish(redis, *range(KEPT // 2 + 1, 2 * KEPT))
    [key] = redis.keys()
    assert redis.zcard(key) == KEPT
    # That one is lower than all that is kept: it counts as published.
    assert unpublished(redis, 2 * KEPT) == [2 * KEPT]


def test_a_redis_that_is_away_is_told(redis, server):
    server.stop()
    try:
        with pytest.raises(RedisError):
            unpublished(redis, 1)
    finally:
        server.start()
