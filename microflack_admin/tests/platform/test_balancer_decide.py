"""What the balancer loop does about a difference, by tables."""

from dataclasses import replace

import pytest

from mfplatform.balancer.decide import (
    DRAIN_TIMEOUT_SECONDS,
    MAX_RUNTIME_CHANGES,
    Action,
    AddServer,
    DrainServer,
    EnableServer,
    Reload,
    RemoveServer,
    State,
    UpdateServer,
    decide,
)
from mfplatform.balancer.haproxy import AdminState, HAProxyState, Server
from mfplatform.balancer.routes import Service
from mfplatform.balancer.server_address import ServerAddress

KEY = ("users", "users-1")
WANTED = ServerAddress("127.0.0.1:80", "127.0.0.1", 80)


def server(
    endpoint: str = "127.0.0.1:80",
    admin_state: AdminState = "ready",
    sessions: int = 0,
    weight: int = 1,
    healthy: bool = True,
    backup: bool = False,
) -> Server:
    return Server(endpoint, weight, 0, backup, admin_state, healthy, sessions)


def actions(
    wanted: ServerAddress | None,
    found: Server | None,
    since: float | None = None,
    now: float = 100.0,
) -> list[Action]:
    addresses = {"users-1": wanted} if wanted else {}
    services = {"users": Service("users", "/api/users", servers=addresses)}
    servers = {"users": {"users-1": found} if found else {}}
    draining_since = {} if since is None else {KEY: since}
    haproxy = HAProxyState("1", "s", servers)
    return decide(State(services, "s", haproxy, draining_since), now)


HEALTHY, UNHEALTHY = server(), server(healthy=False)
DRAINING, MAINT = server(admin_state="drain"), server(admin_state="maint")
BUSY = replace(DRAINING, sessions=1)
LONG_AGO = 100.0 - DRAIN_TIMEOUT_SECONDS
CASES = {
    "nothing": (None, None, None, []),
    "new": (WANTED, None, None, [AddServer(KEY, WANTED)]),
    "healthy": (WANTED, HEALTHY, None, []),
    "unhealthy": (WANTED, UNHEALTHY, None, []),
    "moved": (WANTED, server("127.0.0.1:81"), None, [UpdateServer(KEY, WANTED)]),
    "another weight": (WANTED, server(weight=256), None, [UpdateServer(KEY, WANTED)]),
    "came back while draining": (WANTED, DRAINING, 99.0, [EnableServer(KEY)]),
    "half added": (WANTED, MAINT, None, [EnableServer(KEY)]),
    "left": (None, HEALTHY, None, [DrainServer(KEY)]),
    "left while busy": (None, server(sessions=3), None, [DrainServer(KEY)]),
    "found draining": (None, DRAINING, None, [DrainServer(KEY)]),
    "draining, busy": (None, BUSY, 99.0, [DrainServer(KEY)]),
    "drained": (None, DRAINING, 99.0, [RemoveServer(KEY, force=False)]),
    "half removed": (None, MAINT, None, [RemoveServer(KEY, force=False)]),
    "busy for too long": (None, BUSY, LONG_AGO, [RemoveServer(KEY, force=True)]),
    "became a backup": (WANTED, server(backup=True), None, [Reload()]),
}


@pytest.mark.parametrize(
    ("wanted", "found", "since", "expected"), CASES.values(), ids=CASES
)
def test_a_server_is_brought_to_where_it_should_be(
    wanted: ServerAddress | None,
    found: Server | None,
    since: float | None,
    expected: list[Action],
) -> None:
    assert actions(wanted, found, since) == expected


def test_another_configuration_is_loaded() -> None:
    assert decide(State({}, "new", HAProxyState("1", "old")), 0) == [Reload()]


def test_a_rejected_configuration_is_not_loaded_again_but_servers_change() -> None:
    services = {"users": Service("users", "/a", servers={"users-1": WANTED})}
    haproxy = HAProxyState("1", "old", {"users": {}})
    state = State(services, "new", haproxy, rejected_hash="new")
    assert decide(state, 0) == [AddServer(KEY, WANTED)]


def test_servers_of_a_service_that_is_gone_are_drained() -> None:
    haproxy = HAProxyState("1", "old", {"users": {"users-1": server()}})
    assert decide(State({}, "new", haproxy, rejected_hash="new"), 0) == [
        DrainServer(KEY)
    ]


def test_very_many_changes_are_one_reload() -> None:
    addresses = {f"users-{n}": WANTED for n in range(MAX_RUNTIME_CHANGES + 1)}
    services = {"users": Service("users", "/a", servers=addresses)}
    haproxy = HAProxyState("1", "s", {"users": {}})
    assert decide(State(services, "s", haproxy), 0) == [Reload()]
