"""What the load balancer survives: real etcd, balancer loop and HAProxy."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from backend import Backend, Load
from balancer import Balancer
from daemons import wait_for

Maker = Callable[..., Backend]


def test_no_request_is_lost_while_instances_and_services_come_and_go(
    balancer: Balancer, backend: Maker
) -> None:
    one, two = backend("users-1"), backend("users-2")
    balancer.register("users", "/api/users", one)
    with Load(f"{balancer.url}/api/users") as load:
        for cycle in range(6):
            balancer.register("users", "/api/users", two)
            if cycle % 2:
                worker = balancer.worker()
                balancer.put(f"other{cycle}/location", f"/other{cycle}")
                balancer.wait_for_reload(worker)
            balancer.delete("users/upstream/users-2")
            balancer.wait_for_state("users", "users-2", "gone")
    assert load.failures == []
    assert load.done > 100
    assert two.requests > 0


def test_an_instance_whose_key_expires_is_removed(
    balancer: Balancer, backend: Maker
) -> None:
    two = backend("users-2")
    balancer.register("users", "/api/users", backend("users-1"), two)
    balancer.put("users/upstream/users-2", two.address, ttl=1)
    balancer.wait_for_state("users", "users-2", "gone")
    assert {balancer.answer("/api/users") for _ in range(4)} == {"users-1"}


def test_routes_stay_while_etcd_is_away_and_change_when_it_is_back(
    balancer: Balancer, backend: Maker
) -> None:
    balancer.register("users", "/api/users", backend("users-1"))
    balancer.etcd.stop(kill=True)
    wait_for(lambda: "routes stay" in balancer.loop.log)
    assert balancer.answer("/api/users") == "users-1"
    balancer.start_etcd()
    balancer.register("users", "/api/users", backend("users-2"))
    assert {balancer.answer("/api/users") for _ in range(4)} == {"users-1", "users-2"}
    assert balancer.loop.log.count("routes stay") == 1


def test_routes_stay_when_etcd_comes_back_empty(
    balancer: Balancer, backend: Maker
) -> None:
    one, two = backend("users-1"), backend("users-2")
    balancer.register("users", "/api/users", one, two)
    worker = balancer.worker()
    balancer.etcd.stop()
    balancer.empty_etcd()
    balancer.start_etcd()
    balancer.wait_for_state("users", "users-1", "ready")
    # The third is new: when it is served, the loop has seen the second, too.
    balancer.register("users", "/api/users", two, backend("users-3"))
    served = {balancer.answer("/api/users") for _ in range(6)}
    assert served == {"users-1", "users-2", "users-3"}
    balancer.delete("users/upstream/users-2")
    balancer.wait_for_state("users", "users-2", "gone")
    served = {balancer.answer("/api/users") for _ in range(4)}
    assert served == {"users-1", "users-3"}
    assert balancer.worker() == worker


def test_routes_stay_when_the_loop_starts_with_an_empty_etcd(
    balancer: Balancer, backend: Maker
) -> None:
    balancer.register("users", "/api/users", backend("users-1"))
    balancer.loop.stop(kill=True)
    balancer.delete("")
    begun = balancer.loop.log.count("routing begins")
    balancer.loop.start()
    wait_for(lambda: balancer.loop.log.count("routing begins") > begun)
    assert balancer.answer("/api/users") == "users-1"


def test_a_killed_haproxy_comes_back_with_the_current_instances(
    balancer: Balancer, backend: Maker
) -> None:
    one, two = backend("users-1"), backend("users-2")
    balancer.register("users", "/api/users", one)
    balancer.register("users", "/api/users", two)
    balancer.delete("users/upstream/users-1")
    balancer.wait_for_state("users", "users-1", "gone")
    balancer.haproxy.stop(kill=True)
    register_later = backend("users-3")
    balancer.put("users/upstream/users-3", register_later.address)
    wait_for(lambda: "server users-3" in balancer.config.read_text())
    balancer.haproxy.start()
    wait_for(lambda: balancer.answer("/api/users") in {"users-2", "users-3"})
    answers = {balancer.answer("/api/users") for _ in range(6)}
    assert answers == {"users-2", "users-3"}
    balancer.register("users", "/api/users", one)


def test_a_restarted_loop_adopts_what_runs_and_catches_up(
    balancer: Balancer, backend: Maker
) -> None:
    one, two = backend("users-1"), backend("users-2")
    balancer.register("users", "/api/users", one, backend("users-3"))
    worker = balancer.worker()
    balancer.loop.stop(kill=True)
    balancer.delete("users/upstream/users-1")
    balancer.put("users/upstream/users-2", two.address)
    balancer.loop.start()
    balancer.wait_for_state("users", "users-1", "gone")
    balancer.register("users", "/api/users", two)
    assert balancer.worker() == worker
    assert {balancer.answer("/api/users") for _ in range(6)} == {"users-2", "users-3"}


def test_the_loop_stops_when_asked_and_routes_stay(
    balancer: Balancer, backend: Maker
) -> None:
    balancer.register("users", "/api/users", backend("users-1"))
    process = balancer.loop.process
    assert process is not None
    process.terminate()
    assert process.wait(60) == 0
    assert balancer.answer("/api/users") == "users-1"


def test_who_waits_for_an_instance_that_becomes_unhealthy_is_told_at_once(
    balancer: Balancer, backend: Maker
) -> None:
    unhealthy = backend("users-1")
    balancer.register("users", "/api/users", unhealthy)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(balancer.answer, "/api/users/wait")
        wait_for(lambda: unhealthy.waiting)
        unhealthy.healthy = False
        # Nobody lets the instance answer: it is the load balancer that does.
        assert waiting.result(timeout=60) == "503"
