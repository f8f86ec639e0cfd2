"""A platform of which nothing is only once: what is decided without any host."""

import json

import pytest

from mfplatform.runtime.swarm.redundant.galera_start import most_advanced
from mfplatform.state import gate_config, lb_state, redundancy
from mfplatform.state.home import Home, PlatformError, write_env
from microflack_common.testing import FakeRegistry

UUID, OTHER = "6b1c0000-0000-0000-0000-000000000001", "7c2d-2"
NODES = ("mariadb-1", "mariadb-2", "mariadb-3")


def positions(*numbers):
    return {
        name: f"{UUID if number >= 0 else 'none'}:{number}"
        for name, number in zip(NODES, numbers, strict=True)
    }


@pytest.mark.parametrize(
    ("numbers", "chosen"),
    [
        ((-1, -1, -1), "mariadb-1"),
        ((7, 9, 8), "mariadb-2"),
        ((9, 10, -1), "mariadb-2"),
        ((4, 9, 9), "mariadb-2"),
        ((-1, -1, 0), "mariadb-3"),
    ],
)
def test_the_node_that_knows_most_begins(numbers, chosen):
    assert most_advanced(positions(*numbers)) == chosen


def test_nodes_of_different_databases_are_not_mixed():
    told = positions(7, 9, -1) | {"mariadb-3": f"{OTHER}:12"}
    with pytest.raises(PlatformError, match=r"mariadb-3 7c2d-2:12.*docker volume rm"):
        most_advanced(told)


def balancer(old_processes=0, **states):
    instances = {
        name: {"address": "192.0.2.1:80", "state": state}
        for name, state in states.items()
    }
    return {
        "services": {"users": {"location": "/u", "instances": instances}},
        "old_processes": old_processes,
        "left_out": [],
    }


@pytest.mark.parametrize(
    ("first", "second", "merged"),
    [
        ("ready", "ready", "ready"),
        ("down", "down", "down"),
        ("ready", "draining", "draining"),
        ("ready", None, "draining"),
        (None, "ready", "draining"),
        (None, None, None),
    ],
)
def test_an_instance_is_as_all_load_balancers_say(first, second, merged):
    told = [
        balancer(1, **({"users-1": state} if state else {}))
        for state in (first, second)
    ]
    found = lb_state.LBState(lb_state.merged(told))
    assert found.state("users", "users-1") == merged
    assert found.old_processes == 2


@pytest.mark.parametrize(
    "strange", ["", "{", "[]", "{}", '{"a": 1}', '{"services": 7}']
)
def test_what_is_no_load_balancers_word_is_left_out(strange):
    registry = FakeRegistry()
    registry.put(lb_state.key("default"), json.dumps(balancer(**{"users-1": "ready"})))
    registry.put(lb_state.key("strange"), strange)
    found, _ = lb_state.read(registry)
    assert found.state("users", "users-1") == "ready"


def test_hosts_are_remembered_as_they_were_chosen():
    recorded = redundancy.record({"b": "10.0.0.2", "a": "10.0.0.1", "c": "10.0.0.3"})
    found = redundancy.hosts(recorded)
    assert [(one.number, one.node, one.has_balancer) for one in found] == [
        (1, "b", True),
        (2, "a", True),
        (3, "c", False),
    ]


@pytest.mark.parametrize(
    ("recorded", "asked", "expected"),
    [({}, "yes", True), ({}, "", False), ({"MF_REDUNDANT": "yes"}, "", True)],
)
def test_the_first_start_settles_whether_it_is_redundant(recorded, asked, expected):
    assert redundancy.wanted(recorded, {"MF_ASKED_REDUNDANT": asked}) is expected


def test_what_cannot_be_is_refused_with_the_way_out():
    with pytest.raises(ValueError, match="takes yes or no, not 'maybe'"):
        redundancy.wanted({}, {"MF_ASKED_REDUNDANT": "maybe"})
    with pytest.raises(PlatformError, match=r"is not redundant.*mfrestore"):
        redundancy.wanted({"MF_RUNTIME": "swarm"}, {"MF_ASKED_REDUNDANT": "yes"})
    for asked in ({"MF_ASKED_REDUNDANT": "yes"}, {"MF_ASKED_ADDRESS": "10.0.0.9"}):
        with pytest.raises(PlatformError, match="mfup --swarm --redundant"):
            redundancy.check_runtime(asked, "docker", False)


def test_a_gate_of_several_tells_nobody_else_s_password(tmp_path):
    write_env(tmp_path / "settings.env", {"ETCD_PORT": "2379"})
    alone = gate_config.text(Home(tmp_path))
    one_of_several = gate_config.text(Home(tmp_path), "10.0.0.2")
    assert "_gate" not in alone and "bind 127.0.0.1:2379" in alone
    assert "path_beg /v2/keys/_gate" in one_of_several
    assert "bind 10.0.0.2:2379" in one_of_several
