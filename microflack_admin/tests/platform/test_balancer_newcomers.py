"""Which services are routed before anybody is in them."""

import pytest

from mfplatform.balancer.haproxy_state import HAProxyState
from mfplatform.balancer.newcomers import FIRST_INSTANCE_SECONDS, Newcomers
from mfplatform.balancer.routes import Service, parse_server_address

START = 100.0
SOMEBODY = {"one": parse_server_address("127.0.0.1:1", lambda host: host)}


def service(name: str, *locations: str, empty: bool = False) -> Service:
    servers = {} if empty else SOMEBODY
    return Service(name, locations, "roundrobin", servers)


ALL = service("all", "/")
USERS = service("users", "/api/users", empty=True)


@pytest.mark.parametrize(
    ("services", "routed_before", "after_seconds", "routed"),
    [
        ([ALL, USERS], [], 0, ["all"]),
        ([ALL, USERS], [], FIRST_INSTANCE_SECONDS, ["all", "users"]),
        # Whoever was there once is said to be away, not somebody else's.
        ([ALL, USERS], ["users"], 0, ["all", "users"]),
        # Nobody else would answer.
        ([USERS], [], 0, ["users"]),
        ([service("all", "/", empty=True), USERS], [], 0, ["all", "users"]),
        ([service("all", "/api/user"), USERS], [], 0, ["all", "users"]),
        # Of one path that nobody else serves it is the same.
        (
            [
                service("all", "/api/users"),
                service("users", "/api/users/x", "/y", empty=True),
            ],
            [],
            0,
            ["all", "users"],
        ),
        ([ALL, service("users", "/api/users")], [], 0, ["all", "users"]),
    ],
)
def test_paths_stay_with_others_until_somebody_has_come(
    services: list[Service],
    routed_before: list[str],
    after_seconds: float,
    routed: list[str],
) -> None:
    newcomers, known = Newcomers(), {one.name: one for one in services}
    haproxy = HAProxyState("1", "x", {name: {} for name in routed_before})
    newcomers.routed(known, haproxy, START)
    assert list(newcomers.routed(known, haproxy, START + after_seconds)) == routed


def test_who_goes_and_comes_again_waits_anew() -> None:
    newcomers, haproxy = Newcomers(), HAProxyState("1", "x")
    both, later = {"all": ALL, "users": USERS}, START + FIRST_INSTANCE_SECONDS
    newcomers.routed(both, haproxy, START)
    newcomers.routed({"all": ALL}, haproxy, START + 1)
    assert list(newcomers.routed(both, haproxy, later)) == ["all"]
