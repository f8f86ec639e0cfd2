"""What is made of HAProxy's counts."""

from collections.abc import Callable

import pytest
from backend import Backend
from balancer import STATS_PASSWORD, Balancer
from daemons import wait_for

from mfplatform.balancer.latency_buckets import BUCKETS_MS, bucket_ranges
from mfplatform.state.home import Home
from mfplatform.upgrade.compare import Counts, bucket_of, total, verdict
from mfplatform.upgrade.counters import HAProxyCounters
from mfplatform.upgrade.messages import lines_after


def took(*milliseconds: float, errors: int = 0) -> Counts:
    times = [0] * (len(BUCKETS_MS) + 1)
    for one in milliseconds:
        times[bucket_of(one)] += 1
    return Counts(len(milliseconds), errors, tuple(times))


def test_percentiles_are_as_close_as_the_buckets() -> None:
    counts = took(*range(1, 101))
    assert counts.percentile_ms(0.5) == pytest.approx(50, abs=2)
    assert counts.percentile_ms(0.95) == pytest.approx(95, abs=2)
    assert Counts().percentile_ms(0.5) is None
    assert took(99_999).percentile_ms(0.5) == BUCKETS_MS[-1]


def test_buckets_leave_no_gap() -> None:
    assert bucket_of(0.5) == 0
    ends = [0]
    for one in bucket_ranges()[:-1]:
        low, high = map(int, one.split(":"))
        assert low == ends[-1]
        ends.append(high + 1)
    assert bucket_ranges()[-1] == f"{ends[-1]}:"
    assert len(bucket_ranges()) == len(BUCKETS_MS) + 1


def test_counts_since_are_differences_unless_haproxy_began_anew() -> None:
    before, now = took(1, 5), took(1, 5, 5, 9)
    assert now.since(before) == took(5, 9)
    assert before.since(now) == before
    assert now.since(Counts()) == now
    assert total([before, now]).requests == 6


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (took(*[5] * 99), Counts(), "no request yet"),
        (took(*[5] * 99), took(*[5] * 9), "9 requests only"),
        (took(*[5] * 99), took(*[5] * 99), "as well as the old"),
        (took(*[5] * 99), took(*[90] * 99), "slower"),
        (took(*[5] * 99), took(*[9] * 99), "as well as the old"),
        (took(*[5] * 9), took(*[5] * 9, errors=3), "errs more"),
    ],
)
def test_the_verdict_is_one_sentence(old: Counts, new: Counts, said: str) -> None:
    assert said in verdict(old, new)


def test_a_logs_lines_are_shown_once() -> None:
    assert lines_after(["a", "b", "c"], "b") == ["c"]
    assert lines_after(["a", "b"], "b") == []
    assert lines_after(["c", "d"], "b") == ["c", "d"]


def test_haproxy_counts_each_server(
    balancer: Balancer, backend: Callable[..., Backend]
) -> None:
    good, bad = backend("good"), backend("bad")
    balancer.register("calm", "/api/calm", good)
    balancer.register("wild", "/api/wild", bad)
    for _ in range(7):
        balancer.get("/api/calm/")
    for _ in range(3):
        balancer.get("/api/wild/hang-up")
    home = Home(balancer.folder)
    home.settings_file.write_text(f"OPERATOR_PORT={balancer.operator_port}\n")
    home.secrets_file.write_text(f"STATS_PASSWORD={STATS_PASSWORD}\n")
    counters = HAProxyCounters(home)
    calm = counters.read("calm", ["good", "nobody"])
    assert list(calm) == ["good"]
    assert counters.read("calm") == calm
    assert (calm["good"].requests, calm["good"].errors) == (7, 0)
    assert sum(calm["good"].times) == 7
    wild = counters.read("wild", ["bad"])["bad"]
    assert wild.requests == wild.errors >= 3
    assert sum(wild.times) == 0


def test_a_slow_answer_is_counted_as_slow(
    balancer: Balancer, backend: Callable[..., Backend]
) -> None:
    slow = backend("slow")
    balancer.register("slow", "/api/slow", slow)
    slow.release.set()
    balancer.get("/api/slow/wait")
    auth = ("admin", STATS_PASSWORD)
    path = "/stats/times?server=slow/slow"
    assert balancer.ask_operator(path).status_code == 401
    quick = balancer.ask_operator(path, auth=auth).json()
    assert sum(quick) == 1 and sum(quick[bucket_of(1000) :]) == 0
    assert sum(balancer.ask_operator("/stats/times?server=x", auth=auth).json()) == 0


def test_without_haproxy_there_are_no_counts(balancer: Balancer) -> None:
    home = Home(balancer.folder)
    home.settings_file.write_text(f"OPERATOR_PORT={balancer.operator_port}\n")
    home.secrets_file.write_text("STATS_PASSWORD=wrong\n")
    assert HAProxyCounters(home).read("calm", ["good"]) == {}
    balancer.haproxy.stop()
    wait_for(lambda: HAProxyCounters(home).read("calm", ["good"]) == {})
