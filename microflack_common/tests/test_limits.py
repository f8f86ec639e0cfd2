"""How often somebody may do something: with a real Redis, and without."""

import signal

import pytest

from microflack_common import limits
from microflack_common.limits import RateLimit
from microflack_common.testing import redis_server

PER_SECOND, BURST = 10, 100


class Clock:
    """A clock that goes when it is told to."""

    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    """Return the clock."""
    return Clock()


@pytest.fixture
def redis():
    """Return a running Redis."""
    with redis_server() as server:
        yield server


def admitted(limit, key, tries):
    return sum(limit.wait_seconds(key) == 0 for _ in range(tries))


def test_a_burst_is_admitted_and_then_an_even_pace(clock):
    limit = RateLimit("posts", PER_SECOND, BURST, clock=clock)
    assert admitted(limit, 1, 150) == BURST
    assert 0 < limit.wait_seconds(1) <= 0.1
    clock.now += 1
    assert admitted(limit, 1, 50) == PER_SECOND
    clock.now += 3600
    assert admitted(limit, 1, 150) == BURST


def ask_only(limit, tries):
    return {limit.wait_seconds(1, counts=False) for _ in range(tries)}


def test_who_only_asks_is_not_counted(clock, redis):
    alone = RateLimit("tries", PER_SECOND, BURST, clock=clock)
    # So slow that none is due again before the test is over.
    together = RateLimit("tries", 0.001, BURST, redis.address)
    for limit in (alone, together):
        assert ask_only(limit, BURST + 1) == {0}
        assert admitted(limit, 1, BURST) == BURST
        assert ask_only(limit, 1) != {0}


def test_everybody_is_counted_apart(clock):
    limit = RateLimit("posts", PER_SECOND, BURST, clock=clock)
    admitted(limit, 1, BURST)
    assert limit.wait_seconds(2) == 0


def test_what_is_remembered_is_bounded(clock, monkeypatch):
    monkeypatch.setattr(limits, "MAX_REMEMBERED", 10)
    limit = RateLimit("posts", PER_SECOND, BURST, clock=clock)
    for key in range(100):
        limit.wait_seconds(key)
        clock.now += 1
    assert len(limit._due) <= 10


def test_all_instances_count_together(redis):
    # So few in a second that none is added while the test runs.
    both = [RateLimit("posts", 0.001, BURST, redis.address) for _ in range(2)]
    assert sum(admitted(limit, 1, 80) for limit in both) == BURST
    assert all(limit.wait_seconds(1) > 900 for limit in both)
    other = RateLimit("reactions", 0.001, BURST, redis.address)
    assert other.wait_seconds(1) == 0


def test_what_was_refused_does_not_count(redis):
    limit = RateLimit("posts", 0.001, 2, redis.address)
    waits = [limit.wait_seconds(1) for _ in range(10)]
    assert waits[2:] == pytest.approx([1000] * 8, rel=0.1)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSTOP])
def test_without_redis_each_instance_counts_alone(redis, number):
    limit = RateLimit("posts", 0.001, 5, redis.address)
    assert limit.wait_seconds(1) == 0
    redis.signal(number)
    assert admitted(limit, 1, 10) == 5


def test_what_is_too_much_is_answered_429(app, client, clock):
    limits.init_app(app, {"posts": RateLimit("posts", 1, 2, clock=clock)})

    @app.post("/posts")
    def post():
        limits.count("posts", "alice")
        return "", 204

    answers = [client.post("/posts") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [204, 204, 429]
    assert answers[-1].json["error"] == "Too many posts. Slow down."
    assert answers[-1].headers["Retry-After"] == "1"


def test_limits_can_be_turned_off(app, clock):
    app.config["LIMITS"] = False
    limits.init_app(app, {"posts": RateLimit("posts", 1, 2, clock=clock)})
    with app.app_context():
        for _ in range(10):
            limits.count("posts", "alice")
