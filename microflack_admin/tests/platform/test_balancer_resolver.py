"""Looking up host names without waiting for them."""

import threading

from daemons import wait_for

from mfplatform.balancer.resolver import MAX_CONCURRENT_LOOKUPS, Resolver


def test_a_name_is_known_once_it_is_looked_up() -> None:
    resolver = Resolver({"db": "192.0.2.7"}.get)
    assert resolver.lookup("db") is None
    resolver.wait(5)
    assert resolver.lookup("db") == "192.0.2.7"
    assert not resolver.busy


def test_a_hanging_name_server_keeps_nobody_waiting() -> None:
    release = threading.Event()
    started: list[str] = []

    def hang(host: str) -> str:
        started.append(host)
        release.wait(30)
        return "192.0.2.7"

    resolver = Resolver(hang)
    assert all(resolver.lookup(f"host-{number}") is None for number in range(100))
    resolver.wait(0.01)
    assert resolver.busy
    assert len(started) <= MAX_CONCURRENT_LOOKUPS
    release.set()
    wait_for(lambda: resolver.lookup("host-0") == "192.0.2.7")


def test_an_unknown_name_is_left_alone_for_a_while() -> None:
    asked: list[str] = []
    resolver = Resolver(asked.append)
    for _ in range(3):
        assert resolver.lookup("nobody") is None
        resolver.wait(5)
    assert asked == ["nobody"]
