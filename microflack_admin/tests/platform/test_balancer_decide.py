"""What the balancer loop does about a difference, by tables."""

from dataclasses import replace

import pytest

from mfplatform.balancer.decide import (
    DRAIN_TIMEOUT_SECONDS,
    MAX_RUNTIME_CHANGES,
    SILENCE_TIMEOUT_SECONDS,
    Action,
    AddServer,
    DrainServer,
    EnableServer,
    MarkServerDown,
    RelieveServer,
    Reload,
    RemoveServer,
    State,
    UpdateServer,
    decide,
)
from mfplatform.balancer.haproxy_state import (
    AdminState,
    HAProxyState,
    Server,
    parse_server,
)
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
    services = {"users": Service("users", ("/api/users",), servers=addresses)}
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
    services = {"users": Service("users", ("/a",), servers={"users-1": WANTED})}
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
    services = {"users": Service("users", ("/a",), servers=addresses)}
    haproxy = HAProxyState("1", "s", {"users": {}})
    assert decide(State(services, "s", haproxy), 0) == [Reload()]


SLOW = replace(HEALTHY, is_slow=True)
RELIEVED = replace(SLOW, admin_state="drain")
OTHER = ("users", "users-2")
PAIRS: dict[str, tuple[Server, Server, list[Action]]] = {
    "one is slow": (SLOW, HEALTHY, [RelieveServer(KEY)]),
    "it is relieved": (RELIEVED, HEALTHY, []),
    "both are slow": (SLOW, SLOW, []),
    "the quick one became slow": (RELIEVED, SLOW, [EnableServer(KEY, is_new=False)]),
    "the quick one died": (RELIEVED, UNHEALTHY, [EnableServer(KEY, is_new=False)]),
    "it is quick again": (DRAINING, HEALTHY, [EnableServer(KEY, is_new=False)]),
    "the other is a backup": (SLOW, server(backup=True), []),
    "the other is being added": (SLOW, MAINT, [EnableServer(OTHER)]),
}


@pytest.mark.parametrize(("one", "other", "expected"), PAIRS.values(), ids=PAIRS)
def test_a_slow_server_is_relieved_while_another_one_is_quick(
    one: Server, other: Server, expected: list[Action]
) -> None:
    addresses = {"users-1": WANTED, "users-2": replace(WANTED, backup=other.backup)}
    services = {"users": Service("users", ("/a",), servers=addresses)}
    haproxy = HAProxyState("1", "s", {"users": {"users-1": one, "users-2": other}})
    assert decide(State(services, "s", haproxy), 0) == expected


def test_one_that_came_back_while_it_was_drained_may_be_slow_as_well() -> None:
    assert actions(WANTED, RELIEVED, 99.0) == [EnableServer(KEY)]


@pytest.mark.parametrize(
    ("status", "milliseconds", "slow", "silent"),
    [
        ("L7OK", "3", False, False),
        ("* L7OK", "999", False, False),
        ("L7OK", "1000", True, False),
        ("L7TOUT", "3000", True, True),
        ("* L4TOUT", "", True, True),
        ("L4CON", "0", False, False),
        ("INI", "", False, False),
        ("", "", False, False),
    ],
)
def test_slow_and_silent_servers_are_known_by_their_last_health_check(
    status: str, milliseconds: str, slow: bool, silent: bool
) -> None:
    row = {"addr": "127.0.0.1:80", "uweight": "1", "slim": "", "bck": "0"}
    row |= {"status": "UP", "scur": "0", "qcur": "0"}
    row |= {"check_status": status, "check_duration": milliseconds}
    found = parse_server(row, admin_bits=0)
    assert (found.is_slow, found.is_silent) == (slow, silent)


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (SILENCE_TIMEOUT_SECONDS - 1, []),
        (SILENCE_TIMEOUT_SECONDS, [MarkServerDown(KEY)]),
    ],
)
def test_a_server_that_stays_silent_is_dead(
    seconds: float, expected: list[Action]
) -> None:
    services = {"users": Service("users", ("/a",), servers={"users-1": WANTED})}
    silent = replace(SLOW, is_silent=True)
    haproxy = HAProxyState("1", "s", {"users": {"users-1": silent}})
    state = State(services, "s", haproxy, silent_since={KEY: 0.0})
    assert decide(state, seconds) == expected
