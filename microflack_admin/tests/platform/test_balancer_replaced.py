"""What becomes of HAProxy's processes that were replaced."""

import socket
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from backend import Backend
from balancer import Balancer
from daemons import wait_for
from test_balancer_sticky import UPGRADE

from mfplatform.balancer.haproxy import HAProxy
from mfplatform.balancer.replaced import LASTING_SECONDS, ReplacedProcesses
from mfplatform.balancer.socket_client import HAProxyError

Maker = Callable[..., Backend]


def test_requests_take_their_time_and_websockets_are_ended(
    balancer: Balancer, backend: Maker
) -> None:
    haproxy = HAProxy(balancer.folder / "haproxy.sock", balancer.folder / "master.sock")
    one = backend("io-1")
    balancer.register("socketio", "/socket.io", one, balance="source")
    with (
        ThreadPoolExecutor() as pool,
        socket.create_connection(("127.0.0.1", balancer.port), timeout=60) as client,
    ):
        client.sendall(UPGRADE + b"\r\n")
        assert client.recv(4096).startswith(b"HTTP/1.1 101")
        waiting = pool.submit(balancer.get, "/socket.io/wait")
        begun = pool.submit(balancer.get, "/socket.io/without-length")
        wait_for(lambda: one.waiting == 2)
        balancer.register("users", "/api/users", backend("users-1"))
        wait_for(lambda: len(haproxy.state().old_processes) == 1)
        (old,) = haproxy.state().old_processes
        haproxy.end_lasting(old)
        assert client.recv(100) == b""
        assert not waiting.done() and not begun.done()
        one.release.set()
        assert waiting.result().text == "io-1"
        assert begun.result().text == "begun, io-1"
    wait_for(lambda: not haproxy.state().old_processes)


def test_what_lasts_is_ended_now_and_then() -> None:
    ended: list[str] = []

    def end(process: str) -> None:
        ended.append(process)
        if process == "7":
            raise HAProxyError("it hangs")

    replaced, period = ReplacedProcesses(end), LASTING_SECONDS
    replaced.look(("7",), 0.0)
    replaced.look(("7", "8"), period - 1)
    assert ended == []
    replaced.look(("7", "8"), period)
    replaced.look(("7", "8"), period + 1)
    assert ended == ["7"]
    replaced.look(("8",), 2 * period)
    # Numbers of processes are used again.
    replaced.look(("7",), 2 * period)
    assert ended == ["7", "8"]
