"""Instances that are slow, and those that are dead: real etcd, loop and HAProxy."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from backend import Backend
from balancer import Balancer
from daemons import wait_for

from mfplatform.balancer.decide import SILENCE_TIMEOUT_SECONDS
from mfplatform.balancer.haproxy import HAProxy

Maker = Callable[..., Backend]
# Longer than a quick instance takes for a health check, and than any instance may take.
SLOW_SECONDS, DEAD_SECONDS = 1.5, 400.0


def wait_until_relieved(balancer: Balancer, instance: str) -> None:
    relieved = f"relieved, since it is slow: users/{instance}"
    wait_for(lambda: relieved in log(balancer))


def log(balancer: Balancer) -> str:
    return balancer.loop.log


def test_a_slow_instance_finishes_what_it_has_and_gets_nothing_new(
    balancer: Balancer, backend: Maker
) -> None:
    slow = backend("users-1")
    balancer.register("users", "/api/users", slow)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(balancer.answer, "/api/users/wait")
        wait_for(lambda: slow.waiting)
        balancer.register("users", "/api/users", backend("users-2"))
        slow.health_takes = SLOW_SECONDS
        wait_until_relieved(balancer, "users-1")
        assert {balancer.answer("/api/users") for _ in range(4)} == {"users-2"}
        # It is not reported as dead, so no upgrade takes it for a bad one.
        assert balancer.state("users", "users-1") == "ready"
        slow.release.set()
        assert waiting.result(timeout=60) == "users-1"
    slow.health_takes = 0.0
    wait_for(lambda: balancer.answer("/api/users") == "users-1")


def test_slow_instances_serve_while_none_is_quick(
    balancer: Balancer, backend: Maker
) -> None:
    both = [backend("users-1"), backend("users-2")]
    for one in both:
        one.health_takes = SLOW_SECONDS
    balancer.register("users", "/api/users", *both)
    wait_for(lambda: all(one.health_checks >= 3 for one in both))
    served = {balancer.answer("/api/users") for _ in range(4)}
    assert served == {"users-1", "users-2"}
    assert "relieved" not in log(balancer)


def test_an_instance_that_stays_silent_is_relieved_and_then_dead(
    balancer: Balancer, backend: Maker
) -> None:
    silent = backend("users-1")
    balancer.register("users", "/api/users", silent, backend("users-2"))
    # Who has never answered a check is down as soon as one is not answered.
    wait_for(lambda: silent.health_checks >= 2)
    began = time.monotonic()
    silent.health_takes = DEAD_SECONDS
    # Where the other one is slow, too, there is nobody to relieve it for a while.
    wait_until_relieved(balancer, "users-1")
    wait_for(lambda: balancer.state("users", "users-1") == "down", DEAD_SECONDS)
    assert time.monotonic() - began >= SILENCE_TIMEOUT_SECONDS
    silent.health_takes = 0.0
    balancer.wait_for_state("users", "users-1", "ready")


def test_who_waits_for_an_instance_that_is_taken_for_dead_is_told(
    balancer: Balancer, backend: Maker
) -> None:
    silent = backend("users-1")
    balancer.register("users", "/api/users", silent)
    paths = (balancer.folder / name for name in ("haproxy.sock", "master.sock"))
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(balancer.answer, "/api/users/wait")
        wait_for(lambda: silent.waiting)
        HAProxy(*paths).mark_down("users", "users-1")
        assert waiting.result() == "503"
    # It answers its next check.
    balancer.wait_for_state("users", "users-1", "ready")


def test_an_instance_that_refuses_connections_is_missed_by_nobody(
    balancer: Balancer, backend: Maker
) -> None:
    gone = backend("users-1")
    balancer.register("users", "/api/users", gone, backend("users-2"))
    gone.close()
    assert {balancer.answer("/api/users") for _ in range(6)} == {"users-2"}
    balancer.wait_for_state("users", "users-1", "down")
