"""What the renderer does about a difference, by tables."""

import pytest

from mfplatform.balancer.decide import (
    DRAIN_LIMIT,
    MANY,
    Action,
    Add,
    Change,
    Drain,
    Ready,
    Reload,
    Remove,
    State,
    decide,
)
from mfplatform.balancer.haproxy import Running, Server
from mfplatform.balancer.routes import Service
from mfplatform.balancer.server_address import Upstream

KEY = ("users", "users-1")
WANTED = Upstream("127.0.0.1:80", "127.0.0.1", 80)


def server(
    endpoint: str = "127.0.0.1:80",
    state: str = "ready",
    sessions: int = 0,
    weight: int = 1,
    up: bool = True,
    backup: bool = False,
) -> Server:
    return Server(endpoint, weight, 0, backup, state, up, sessions)


def actions(
    wanted: Upstream | None,
    found: Server | None,
    since: float | None = None,
    now: float = 100.0,
) -> list[Action]:
    instances = {"users-1": wanted} if wanted else {}
    running = {"users": {"users-1": found} if found else {}}
    draining = {} if since is None else {KEY: since}
    services = {"users": Service("users", "/api/users", instances=instances)}
    return decide(State(services, "s", Running("1", "s", running), draining), now)


@pytest.mark.parametrize(
    ("wanted", "found", "since", "expected"),
    [
        pytest.param(None, None, None, [], id="nothing"),
        pytest.param(WANTED, None, None, [Add(KEY, WANTED)], id="new"),
        pytest.param(WANTED, server(), None, [], id="as it should be"),
        pytest.param(WANTED, server(up=False), None, [], id="ill"),
        pytest.param(
            WANTED, server("127.0.0.1:81"), None, [Change(KEY, WANTED)], id="moved"
        ),
        pytest.param(
            WANTED, server(weight=256), None, [Change(KEY, WANTED)], id="weight"
        ),
        pytest.param(WANTED, server(state="drain"), 99.0, [Ready(KEY)], id="came back"),
        pytest.param(
            WANTED, server(state="maint"), None, [Ready(KEY)], id="half added"
        ),
        pytest.param(None, server(), None, [Drain(KEY)], id="left"),
        pytest.param(None, server(sessions=3), None, [Drain(KEY)], id="left busy"),
        pytest.param(
            None, server(state="drain"), None, [Drain(KEY)], id="found draining"
        ),
        pytest.param(
            None, server(state="drain", sessions=1), 99.0, [Drain(KEY)], id="busy"
        ),
        pytest.param(
            None, server(state="drain"), 99.0, [Remove(KEY, False)], id="finished"
        ),
        pytest.param(
            None, server(state="maint"), None, [Remove(KEY, False)], id="half removed"
        ),
        pytest.param(
            None,
            server(state="drain", sessions=1),
            100.0 - DRAIN_LIMIT,
            [Remove(KEY, True)],
            id="too slow",
        ),
        pytest.param(WANTED, server(backup=True), None, [Reload()], id="backup"),
    ],
)
def test_an_instance_is_brought_to_where_it_should_be(
    wanted: Upstream | None,
    found: Server | None,
    since: float | None,
    expected: list[Action],
) -> None:
    assert actions(wanted, found, since) == expected


def test_another_shape_is_loaded() -> None:
    assert decide(State({}, "new", Running("1", "old")), 0) == [Reload()]


def test_a_refused_shape_is_not_loaded_again_but_instances_still_change() -> None:
    services = {"users": Service("users", "/a", instances={"users-1": WANTED})}
    running = Running("1", "old", {"users": {}})
    state = State(services, "new", running, refused="new")
    assert decide(state, 0) == [Add(KEY, WANTED)]


def test_instances_of_a_service_that_is_gone_are_drained() -> None:
    running = Running("1", "old", {"users": {"users-1": server()}})
    assert decide(State({}, "new", running, refused="new"), 0) == [Drain(KEY)]


def test_very_many_changes_are_one_reload() -> None:
    instances = {f"users-{n}": WANTED for n in range(MANY + 1)}
    services = {"users": Service("users", "/a", instances=instances)}
    running = Running("1", "s", {"users": {}})
    assert decide(State(services, "s", running), 0) == [Reload()]
