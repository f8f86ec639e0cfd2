"""Clients that stay on one instance: real etcd, balancer loop and HAProxy."""

import socket
from collections.abc import Callable

import requests
from backend import Backend
from balancer import Balancer
from daemons import wait_for

Maker = Callable[..., Backend]
UPGRADE = (
    b"GET /socket.io/websocket HTTP/1.1\r\nHost: mf\r\n"
    b"Connection: Upgrade\r\nUpgrade: websocket\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
)


def test_a_client_stays_on_one_instance_of_a_sticky_service(
    balancer: Balancer, backend: Maker
) -> None:
    backends = [backend("io-1"), backend("io-2")]
    balancer.register("socketio", "/socket.io", *backends, balance="source")
    clients = [requests.Session() for _ in range(4)]
    homes = [client.get(f"{balancer.url}/socket.io/").text for client in clients]
    assert set(homes) == {"io-1", "io-2"}
    cookie = clients[0].get(f"{balancer.url}/socket.io/").headers.get("Set-Cookie")
    assert cookie is None
    for _ in range(5):
        again = [client.get(f"{balancer.url}/socket.io/x").text for client in clients]
        assert again == homes
    balancer.register("socketio", "/socket.io", backend("io-3"))
    assert [c.get(f"{balancer.url}/socket.io/").text for c in clients] == homes
    balancer.delete("socketio/upstream/io-1")
    balancer.wait_for_state("socketio", "io-1", "gone")
    moved = [client.get(f"{balancer.url}/socket.io/") for client in clients]
    assert all(response.text != "io-1" for response in moved)
    for home, response in zip(homes, moved, strict=True):
        assert ("Set-Cookie" in response.headers) == (home == "io-1")
        assert home in ("io-1", response.text)


def test_a_forged_cookie_does_no_harm(balancer: Balancer, backend: Maker) -> None:
    balancer.register("socketio", "/socket.io", backend("io-1"), balance="source")
    for value in ("nobody", "a" * 5000, "%s%[env(HOME)]", '"', "socketio/io-1"):
        response = balancer.get(
            "/socket.io/", headers={"Cookie": f"MF_INSTANCE={value}"}
        )
        assert response.text == "io-1"
        assert "MF_INSTANCE=io-1" in response.headers["Set-Cookie"]


def test_a_websocket_outlives_other_instances_and_a_reload(
    balancer: Balancer, backend: Maker
) -> None:
    balancer.register("socketio", "/socket.io", backend("io-1"), balance="source")
    with socket.create_connection(("127.0.0.1", balancer.port), timeout=60) as client:
        client.sendall(UPGRADE + b"\r\n")
        answer = client.recv(4096)
        assert answer.startswith(b"HTTP/1.1 101")
        assert b"MF_INSTANCE=io-1" in answer
        balancer.register("socketio", "/socket.io", backend("io-2"))
        balancer.register("users", "/api/users", backend("users-1"))
        client.sendall(b"still there")
        assert client.recv(100) == b"io-1:still there"


def test_clients_of_an_instance_that_stops_move_to_another(
    balancer: Balancer, backend: Maker
) -> None:
    stopping = backend("io-1")
    balancer.register("socketio", "/socket.io", stopping, balance="source")
    with socket.create_connection(("127.0.0.1", balancer.port), timeout=60) as client:
        # It is drained as long as a client is there.
        client.sendall(UPGRADE + b"\r\n")
        assert b"MF_INSTANCE=io-1" in client.recv(4096)
        balancer.register("socketio", "/socket.io", backend("io-2"))
        balancer.delete("socketio/upstream/io-1")
        balancer.wait_for_state("socketio", "io-1", "draining")
        stopping.full = True
        cookie = {"Cookie": "MF_INSTANCE=io-1"}
        # What it knows stays, what is new moves: by polling, and by WebSocket.
        staying = balancer.get("/socket.io/?sid=1", headers=cookie)
        assert staying.text == "io-1"
        moved = balancer.get("/socket.io/", headers=cookie)
        assert (moved.status_code, moved.text) == (200, "io-2")
        assert "MF_INSTANCE=io-2" in moved.headers["Set-Cookie"]
        with socket.create_connection(("127.0.0.1", balancer.port), timeout=60) as new:
            new.sendall(UPGRADE + b"Cookie: MF_INSTANCE=io-1\r\n\r\n")
            answer = new.recv(4096)
            assert answer.startswith(b"HTTP/1.1 101")
            assert b"MF_INSTANCE=io-2" in answer


def test_clients_of_an_instance_that_is_slow_for_a_while_are_not_cut_off(
    balancer: Balancer, backend: Maker
) -> None:
    busy = backend("io-1")
    balancer.register("socketio", "/socket.io", busy, balance="source")
    with socket.create_connection(("127.0.0.1", balancer.port), timeout=60) as client:
        client.sendall(UPGRADE + b"\r\n")
        assert client.recv(4096).startswith(b"HTTP/1.1 101")
        busy.health_takes = 2.0
        before = busy.health_checks
        wait_for(lambda: busy.health_checks >= before + 4)
        client.sendall(b"still there")
        assert client.recv(100) == b"io-1:still there"


def test_a_client_without_cookies_stays_with_the_instance_of_its_session(
    balancer: Balancer, backend: Maker
) -> None:
    instances = [backend("io-1"), backend("io-2")]
    for one in instances:
        one.answers["/socket.io/"] = (200, one.name, {"X-Session-ID": f"s-{one.name}"})
    balancer.register("socketio", "/socket.io", *instances, balance="source")
    begun = {balancer.answer("/socket.io/") for _ in range(10)}
    assert begun == {"io-1", "io-2"}

    def stays() -> bool:
        return all(
            balancer.answer(f"/socket.io/?sid=s-{one.name}") == one.name
            for one in instances
            for _ in range(5)
        )

    assert stays()
    balancer.wait_until_it_teaches()
    worker = balancer.worker()
    balancer.put("other/location", "/other")
    balancer.wait_for_reload(worker)
    # The process that goes tells it to the one that comes.
    wait_for(stays)
    # Whose instance is gone, or who made a session up, is answered by another one.
    balancer.delete("socketio/upstream/io-1")
    balancer.wait_for_state("socketio", "io-1", "gone")
    for session in ("s-io-1", "made-up", "a" * 3000):
        assert balancer.answer(f"/socket.io/?sid={session}") == "io-2"
