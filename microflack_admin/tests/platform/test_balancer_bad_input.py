"""Nonsense in the registry and in the settings: with real processes."""

from collections.abc import Callable

import requests
from backend import Backend
from balancer import Balancer
from daemons import wait_for

Maker = Callable[..., Backend]


NONSENSE = {
    "users/upstream/evil": "127.0.0.1:80\n    server evil2 127.0.0.1:81",
    "users/upstream/options": "127.0.0.1:80 check source 10.0.0.1",
    "users/upstream/unknown": "no-such-host.invalid:80",
    "users/backend/balance": "roundrobin\nstats enable",
    "evil/location": "/x } \nbackend evil",
    "bad name/location": "/y",
    "users/upstream/long": "a" * 100_000,
}


def test_nonsense_in_the_registry_is_rejected_and_logged(
    balancer: Balancer, backend: Maker
) -> None:
    balancer.register("users", "/api/users", backend("users-1"))
    worker = balancer.worker()
    for key, value in NONSENSE.items():
        balancer.put(key.replace(" ", "%20"), value)

    def rejected() -> set[str]:
        entries = (balancer.report() or {"left_out": []})["left_out"]
        return {entry["key"].removeprefix("/services/") for entry in entries}

    wait_for(lambda: rejected() == set(NONSENSE))
    assert balancer.answer("/api/users") == "users-1"
    assert balancer.worker() == worker
    assert "evil" not in balancer.config.read_text()
    assert balancer.loop.log.count("/services/evil/location:") == 1


def test_thousands_of_bad_keys_do_not_keep_a_good_one_out(
    balancer: Balancer, backend: Maker
) -> None:
    with requests.Session() as session:
        url = f"{balancer.etcd_url}/v2/keys/services/junk/upstream"
        for number in range(2_000):
            session.put(f"{url}/{number}", {"value": "nonsense"}, timeout=60)
    balancer.register("users", "/api/users", backend("users-1"))
    assert balancer.answer("/api/users") == "users-1"
    report = balancer.report()
    assert report is not None
    assert len(report["left_out"]) == 100


def test_the_last_good_file_stays_when_haproxy_rejects_the_new_one(
    balancer: Balancer, backend: Maker
) -> None:
    balancer.register("users", "/api/users", backend("users-1"))
    balancer.loop.stop()
    before = balancer.config.read_text()
    balancer.environment["MF_BIND"] = "not an address"
    assert balancer.run("balancer.loop", "--once-config").returncode == 1
    balancer.loop.start()
    wait_for(lambda: balancer.loop.log.count("is rejected"))
    balancer.register("users", "/api/users", backend("users-2"))
    assert {balancer.answer("/api/users") for _ in range(4)} == {"users-1", "users-2"}
    assert balancer.config.read_text() == before


def test_missing_settings_are_all_named(balancer: Balancer) -> None:
    names = ("ETCD", "MF_PORT", "STATS_PASSWORD", "HAPROXY_CFG", "HAPROXY_SOCKET")
    for name in names:
        del balancer.environment[name]
    result = balancer.run("balancer.loop")
    assert result.returncode == 2
    assert all(name in result.stderr for name in names)


def test_an_unresolvable_name_does_not_delay_the_others(
    balancer: Balancer, backend: Maker
) -> None:
    for number in range(20):
        balancer.put(f"users/upstream/lost-{number}", f"no-{number}.invalid:80")
    balancer.register("users", "/api/users", backend("users-1"))
    assert balancer.answer("/api/users") == "users-1"
