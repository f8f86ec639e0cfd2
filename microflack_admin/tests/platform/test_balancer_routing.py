"""How requests find services, and instances come and go: with real processes."""

import subprocess
import threading
from collections.abc import Callable

import requests
from backend import Backend
from balancer import Balancer
from daemons import wait_for

Maker = Callable[..., Backend]


def test_a_registered_service_is_served_and_a_removed_one_is_not(
    balancer: Balancer, backend: Maker
) -> None:
    balancer.register("users", "/api/users", backend("users-1"))
    assert balancer.answer("/api/users/7?a=b") == "users-1"
    balancer.delete("users")
    wait_for(lambda: balancer.answer("/api/users") == "404")
    balancer.wait_for_state("users", "users-1", "gone")


def test_instances_come_and_go_without_a_reload(
    balancer: Balancer, backend: Maker
) -> None:
    balancer.register("users", "/api/users", backend("users-1"))
    worker = balancer.worker()
    balancer.register("users", "/api/users", backend("2"))
    answers = {balancer.answer("/api/users") for _ in range(6)}
    assert answers == {"users-1", "2"}
    balancer.delete("users/upstream/users-1")
    balancer.wait_for_state("users", "users-1", "gone")
    assert {balancer.answer("/api/users") for _ in range(6)} == {"2"}
    assert balancer.worker() == worker
    assert "server 2 " in balancer.config.read_text()
    assert "server users-1 " not in balancer.config.read_text()


def test_the_longest_location_wins_at_whole_segments(
    balancer: Balancer, backend: Maker
) -> None:
    balancer.register("ui", "/", backend("ui-1"))
    balancer.register("monolith", "/api/", backend("server"))
    balancer.register("users", "/api/users", backend("users-1"))
    expected = {
        "/": "ui-1",
        "/apis": "ui-1",
        "/api": "server",
        "/api/usersx": "server",
        "/api/users": "users-1",
        "/api/users?x=1": "users-1",
        "/api/users/1/2": "users-1",
        "/healthz": "404",
        "/readyz": "404",
        "/metrics": "404",
        "/%6detrics": "404",
    }
    assert {path: balancer.answer(path) for path in expected} == expected


def test_a_service_is_routed_by_each_of_its_locations(
    balancer: Balancer, backend: Maker
) -> None:
    balancer.register("ui", "/", backend("ui-1"))
    balancer.register("messages", "/api/messages", backend("messages-1"))
    balancer.put("messages/locations/rooms", "/api/rooms")
    wait_for(lambda: balancer.answer("/api/rooms/1") == "messages-1")
    assert balancer.answer("/api/messages") == "messages-1"
    # Who has a longer one gets what is below it.
    balancer.register("files", "/api/rooms/files", backend("files-1"))
    assert balancer.answer("/api/rooms/files/1") == "files-1"
    balancer.delete("messages/locations/rooms")
    wait_for(lambda: balancer.answer("/api/rooms/1") == "ui-1")
    assert balancer.answer("/api/messages") == "messages-1"


def test_paths_lead_to_a_service_from_its_first_instance_on(
    balancer: Balancer, backend: Maker
) -> None:
    balancer.register("monolith", "/", backend("server"))
    balancer.put("users/location", "/api/users")
    balancer.register("other", "/other", backend("other-1"))
    # Whoever is written down later is served by now.
    assert balancer.answer("/other") == "other-1"
    assert balancer.answer("/api/users") == "server"
    users = backend("users-1")
    balancer.put("users/upstream/users-1", users.address)
    answers = set()
    wait_for(lambda: answers.add(balancer.answer("/api/users")) or "users-1" in answers)
    assert answers <= {"server", "users-1"}


def test_a_service_that_stays_empty_has_its_paths_in_the_end(
    balancer: Balancer, backend: Maker
) -> None:
    balancer.register("all", "/", backend("server"))
    balancer.put("users/location", "/api/users")
    wait_for(lambda: balancer.answer("/api/users") == "503")
    assert balancer.answer("/other") == "server"


def test_the_monolith_takes_part_by_the_commands_of_the_talk(
    balancer: Balancer, backend: Maker
) -> None:
    monolith = backend("server")

    def shell(command: str) -> None:
        environment = {**balancer.environment, "ETCD": balancer.etcd_url}
        subprocess.run(
            command, shell=True, env=environment, check=True, capture_output=True
        )

    keys = "$ETCD/v2/keys/services/monolith"
    shell(f'curl -sf -X PUT {keys}/location -d value="/api"')
    shell(f'curl -sf -X PUT {keys}/upstream/server -d value="{monolith.address}"')
    wait_for(lambda: balancer.answer("/api/anything") == "server")
    shell(f'curl -sf -X DELETE "{keys}?recursive=true"')
    wait_for(lambda: balancer.answer("/api/anything") == "404")


def test_weight_shifts_nearly_all_of_the_load(
    balancer: Balancer, backend: Maker
) -> None:
    one, two = backend("users-1"), backend("mine")
    balancer.register("users", "/api/users", one, two)
    balancer.put("users/upstream/mine", f"{two.address} weight 256")
    wait_for(lambda: ",256," in balancer.ask_haproxy("show stat -1 4 -1"))
    for _ in range(50):
        balancer.get("/api/users")
    assert two.requests >= 45


def test_an_instance_may_move_and_be_named_by_host(
    balancer: Balancer, backend: Maker
) -> None:
    one, two = backend("one"), backend("two")
    balancer.register("users", "/api/users", one)
    worker = balancer.worker()
    port = two.address.split(":")[1]
    balancer.put("users/upstream/one", f"localhost:{port}")
    wait_for(lambda: balancer.answer("/api/users") == "two")
    assert balancer.worker() == worker


def test_a_slow_request_is_finished_before_its_instance_is_removed(
    balancer: Balancer, backend: Maker
) -> None:
    slow = backend("users-1")
    balancer.register("users", "/api/users", slow, backend("users-2"))
    answers: list[str] = []

    def ask() -> None:
        answers.append(balancer.answer("/api/users/wait"))

    threads = [threading.Thread(target=ask) for _ in range(2)]
    for thread in threads:
        thread.start()
    wait_for(lambda: slow.waiting == 1)
    balancer.delete("users/upstream/users-1")
    balancer.wait_for_state("users", "users-1", "draining")
    assert {balancer.answer("/api/users") for _ in range(4)} == {"users-2"}
    assert balancer.state("users", "users-1") == "draining"
    slow.release.set()
    balancer.wait_for_state("users", "users-1", "gone")
    wait_for(lambda: "users-1" in answers)


def test_an_instance_that_comes_back_while_draining_serves_again(
    balancer: Balancer, backend: Maker
) -> None:
    one = backend("users-1")
    balancer.register("users", "/api/users", one)
    request = threading.Thread(target=lambda: balancer.answer("/api/users/wait"))
    request.start()
    wait_for(lambda: one.waiting == 1)
    balancer.delete("users/upstream/users-1")
    balancer.wait_for_state("users", "users-1", "draining")
    balancer.register("users", "/api/users", one)
    assert balancer.answer("/api/users") == "users-1"
    one.release.set()
    request.join()


def test_an_unhealthy_instance_gets_no_requests_until_it_is_healthy(
    balancer: Balancer, backend: Maker
) -> None:
    unhealthy = backend("users-1")
    balancer.register("users", "/api/users", unhealthy, backend("users-2"))
    unhealthy.healthy = False
    balancer.wait_for_state("users", "users-1", "down")
    assert {balancer.answer("/api/users") for _ in range(4)} == {"users-2"}
    unhealthy.healthy = True
    balancer.wait_for_state("users", "users-1", "ready")


def test_a_replaced_process_is_reported_until_its_connections_have_ended(
    balancer: Balancer, backend: Maker
) -> None:
    balancer.register("users", "/api/users", backend("users-1"))
    with requests.Session() as session:
        assert session.get(f"{balancer.url}/api/users", timeout=60).text == "users-1"
        balancer.register("tokens", "/api/tokens", backend("tokens-1"))
        wait_for(lambda: (balancer.report() or {}).get("old_processes") == 1)
        # The open connection does not know the new service yet.
        assert session.get(f"{balancer.url}/api/tokens", timeout=60).status_code == 404
        assert session.get(f"{balancer.url}/api/tokens", timeout=60).text == "tokens-1"
    wait_for(lambda: (balancer.report() or {}).get("old_processes") == 0)


def test_a_replaced_process_ends_idle_connections_before_it_is_stopped(
    balancer: Balancer, backend: Maker
) -> None:
    balancer.register("users", "/api/users", backend("users-1"))
    with requests.Session() as session:
        assert session.get(f"{balancer.url}/api/users", timeout=60).text == "users-1"
        balancer.register("tokens", "/api/tokens", backend("tokens-1"))
        wait_for(lambda: (balancer.report() or {}).get("old_processes") == 1)
        wait_for(lambda: (balancer.report() or {}).get("old_processes") == 0)
    assert "hard-stop" not in balancer.haproxy.log
