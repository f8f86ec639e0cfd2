"""Figures: who may see them, whom Prometheus is told to ask, the registry's quorum."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from backend import Backend
from balancer import STATS_PASSWORD, Balancer
from daemons import Daemon, free_port, wait_for

from mfplatform.metrics.targets import Targets
from mfplatform.state import metrics, probes
from mfplatform.state.home import Home, PlatformError, write_env
from microflack_common.registry import Registry

Maker = Callable[..., Backend]
LOGIN = ("admin", STATS_PASSWORD)
PATHS = ("/metrics", "/metrics/haproxy", "/metrics/targets")


def test_figures_are_for_operators_at_their_port_only(
    balancer: Balancer, backend: Maker
) -> None:
    balancer.register("page", "/", backend("page-1"))
    # Not even where what operators see is at the chat's port, too.
    balancer.restart_with(MF_OPERATOR="shared")
    assert balancer.get("/metrics", auth=LOGIN).status_code == 404
    for path in PATHS[1:]:
        assert "haproxy_" not in balancer.get(path, auth=LOGIN).text
    for path in PATHS:
        assert balancer.ask_operator(path).status_code == 401
        assert balancer.ask_operator(path, auth=("admin", "x")).status_code == 401
    told = balancer.ask_operator("/metrics/haproxy", auth=LOGIN).text
    server = 'haproxy_server_status{proxy="page",server="page-1",state="UP"} 1'
    assert server in told


def test_where_nobody_gathers_figures_it_says_how_to_begin(balancer: Balancer) -> None:
    for path in ("/metrics", "/metrics/targets"):
        answer = balancer.ask_operator(path, auth=LOGIN)
        assert answer.status_code == 503
        assert "mfup --metrics" in answer.json()["error"]


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """Return a platform's folder with nothing but what is needed to ask."""
    return Home(tmp_path)


def test_whom_to_ask_follows_from_what_is_routed(
    balancer: Balancer, backend: Maker, home: Home
) -> None:
    write_env(
        home.settings_file, {"OPERATOR_PORT": "21000", "LB": "http://127.0.0.1:1"}
    )
    one = backend("users-1")
    balancer.register("users", "/api/users", one)
    targets = Targets(home, Registry(balancer.etcd_url))
    *own, instance = json.loads(targets.text())
    assert [(one["targets"], one["labels"]["__metrics_path__"]) for one in own] == [
        (["127.0.0.1:21000"], "/metrics"),
        (["127.0.0.1:21000"], "/metrics/haproxy"),
    ]
    labels = {"__meta_kind": "service", "service": "users", "instance": "users-1"}
    assert instance == {"targets": [one.address], "labels": labels}
    balancer.etcd.stop()
    # What tells that the registry is away is asked all the same.
    assert json.loads(targets.text()) == [*own, instance]


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[tuple[str, Daemon, Daemon]]:
    """Return the address of one of two members of a registry, and both."""
    ports = [(free_port(), free_port()) for _ in range(2)]
    peers = [f"m{i}=http://127.0.0.1:{peer}" for i, (_, peer) in enumerate(ports)]
    members = [
        Daemon(
            [
                *("etcd", "--enable-v2", f"--name=m{i}", "--log-level=error"),
                f"--data-dir={tmp_path / f'etcd{i}'}",
                f"--listen-client-urls=http://127.0.0.1:{client}",
                f"--advertise-client-urls=http://127.0.0.1:{client}",
                f"--listen-peer-urls=http://127.0.0.1:{peer}",
                f"--initial-advertise-peer-urls=http://127.0.0.1:{peer}",
                f"--initial-cluster={','.join(peers)}",
            ],
            tmp_path / f"etcd{i}.log",
        )
        for i, (client, peer) in enumerate(ports)
    ]
    for one in members:
        one.start()
    yield str(ports[0][0]), members[0], members[1]
    for one in members:
        one.stop(kill=True)


def test_a_registry_that_still_answers_may_have_lost_its_quorum(
    pair: tuple[str, Daemon, Daemon], home: Home
) -> None:
    port, _, other = pair
    write_env(home.settings_file, {"ETCD_PORT": port})
    wait_for(lambda: probes.has_quorum(home))
    other.stop(kill=True)
    wait_for(lambda: not probes.has_quorum(home))
    answer: Any = requests.get(f"http://127.0.0.1:{port}/v2/keys/", timeout=60)
    assert answer.status_code == 200


def test_what_cannot_be_asked_for_is_refused() -> None:
    with pytest.raises(ValueError, match=r"^MF_METRICS takes on or off, not 'maybe'$"):
        metrics.asked({}, {"MF_ASKED_METRICS": "maybe"})
    assert metrics.asked({"MF_METRICS": "on"}, {"MF_ASKED_METRICS": ""}) == "on"
    metrics.check(metrics.OFF, "swarm", [])
    with pytest.raises(PlatformError, match=r"runs no Prometheus: mfup --no-metrics"):
        metrics.check(metrics.ON, "swarm", ["etcd"])
