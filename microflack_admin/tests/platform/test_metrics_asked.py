"""What Prometheus asks for: with a real HAProxy, registry and Prometheus."""

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import requests
from backend import Backend
from balancer import STATS_PASSWORD, Balancer
from certificates import own_pem
from daemons import Daemon, free_port, wait_for
from metrics_names import asked_for, expressions, told

from mfplatform.caretaker import alerts, watch
from mfplatform.caretaker.alerts import AlertsUnknown
from mfplatform.metrics import prometheus, server
from mfplatform.state import instances, metrics
from mfplatform.state.home import Home, write_env
from mfplatform.state.instances import Instance
from mfplatform.state.parts import PartSpec
from microflack_common.registry import Registry

LOGIN = ("admin", STATS_PASSWORD)
# They belong to services: tests/e2e looks for them at real ones.
OF_SERVICES = ("http_", "connected_")


@pytest.fixture
def state() -> dict[str, Any]:
    """Return how the one part is: its process is this one."""
    return {"state": "running", "pid": os.getpid(), "since": 7.0, "short_lives": 0}


@pytest.fixture
def runtime(state: dict[str, Any]) -> Any:
    """Return what runs that part, which works."""
    part = PartSpec("echo", "", lambda _home: True)
    return SimpleNamespace(parts=lambda: [part], states=lambda: {"echo": state})


@pytest.fixture
def home(balancer: Balancer, runtime: Any, tmp_path: Path) -> Iterator[Home]:
    """Return the folder of a platform with TLS that this load balancer belongs to."""
    found = Home(tmp_path)
    settings = {
        "ETCD_PORT": str(balancer.etcd_port),
        "LB": "http://127.0.0.1",
        "MF_RUN": str(balancer.folder),
        "MF_TLS": "own",
        "OPERATOR_PORT": str(balancer.operator_port),
        metrics.PORT: str(free_port()),
        metrics.SETTING: metrics.ON,
    }
    write_env(found.settings_file, settings)
    write_env(found.secrets_file, {"STATS_PASSWORD": STATS_PASSWORD})
    found.haproxy_cfg.parent.mkdir()
    found.haproxy_cfg.with_name("site.pem").write_text(own_pem("localhost"))
    one = Instance("echo-1", "echo", "an image", "latest", "7", 20100, created=7.0)
    instances.save(found, one)
    serving = server.serve(found, runtime, Registry(balancer.etcd_url))
    yield found
    serving.shutdown()
    serving.server_close()
    metrics.socket(found).unlink()


@pytest.fixture
def asking(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Home]:
    """Return that platform once its Prometheus works, which asks each second."""
    monkeypatch.setattr(prometheus, "SCRAPE_SECONDS", 1)
    monkeypatch.setattr(prometheus, "DISCOVERY_SECONDS", 1)
    prometheus.prepare(home, False)
    daemon = Daemon(prometheus.command(home, "prometheus"), tmp_path / "log")
    daemon.start()
    try:
        wait_for(lambda: prometheus.answers(home))
        yield home
    finally:
        daemon.stop()


def ask(home: Home, path: str, **query: str) -> Any:
    """Return what Prometheus answers."""
    url = f"http://{metrics.address(home)}{path}"
    answer = requests.get(url, query, auth=LOGIN, timeout=60)
    # No page of another origin is to read it.
    assert "Access-Control-Allow-Origin" not in answer.headers
    return answer.json()["data"]


def targets(home: Home) -> dict[str, dict[str, Any]]:
    """Return whom Prometheus asks, by name, and how that went."""
    found = ask(home, "/api/v1/targets", state="active")["activeTargets"]
    return {one["labels"]["instance"]: one for one in found}


def test_prometheus_knows_all_that_rules_and_dashboards_ask_for(
    asking: Home, balancer: Balancer, backend: Callable[..., Backend]
) -> None:
    one = backend("users-1")
    balancer.register("users", "/api/users", one)
    # The service has no figures.
    wait_for(lambda: "users-1" in targets(asking))
    for name in ("platform", "haproxy"):
        wait_for(lambda name=name: targets(asking)[name]["health"] == "up")
    found = targets(asking)
    assert set(found) == {"platform", "haproxy", "users-1"}
    assert found["haproxy"]["scrapeUrl"] == f"{asking.operator}/metrics/haproxy"
    labels = {"job": "services", "service": "users", "instance": "users-1"}
    assert found["users-1"]["labels"] == labels
    known = set(ask(asking, "/api/v1/label/__name__/values"))
    wanted = {name for name in asked_for() if not name.startswith(OF_SERVICES)}
    assert len(wanted) > 15
    assert wanted - known == set()
    for query in expressions():
        assert "result" in ask(asking, "/api/v1/query", query=query)


def test_who_is_told_hears_of_an_alert_when_it_begins_and_when_it_has_ended(
    asking: Home,
    balancer: Balancer,
    runtime: Any,
    state: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    heard = asking.path / "heard"
    hook = f"cat >>'{heard}'; echo >>'{heard}'"
    monkeypatch.setattr(watch, "LOOK_SECONDS", 0.0)
    monkeypatch.setattr(alerts, "OVER_SECONDS", 5.0)
    watching = watch.Watch(asking, runtime, Registry(balancer.etcd_url), hook)

    def has_heard(*events: str) -> bool:
        watching.look()
        lines = heard.read_text().splitlines() if heard.exists() else []
        told = [json.loads(line) for line in lines]
        about = [one["event"] for one in told if "Restarts: echo" in one["text"]]
        return about == list(events)

    state["short_lives"] = 3
    wait_for(lambda: has_heard("alert"))
    # A caretaker that takes over knows what was told.
    watching = watch.Watch(asking, runtime, Registry(balancer.etcd_url), hook)
    state["short_lives"] = 0
    wait_for(lambda: has_heard("alert", "alert-over"))


def test_a_prometheus_that_is_away_or_keeps_its_alerts_to_itself_is_told(
    home: Home, runtime: Any, balancer: Balancer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch, "LOOK_SECONDS", 0.0)
    monkeypatch.setattr(watch, "UNKNOWN_SECONDS", 0.0)
    heard = home.path / "heard"
    hook = f"cat >>'{heard}'; echo >>'{heard}'"
    watch.Watch(home, runtime, Registry(balancer.etcd_url), hook).look()
    sentence = "Prometheus tells no alerts: it does not answer: "
    wait_for(lambda: heard.exists() and sentence in heard.read_text())
    # Somebody else has its port.
    home.record(**{metrics.PORT: str(balancer.operator_port)})
    with pytest.raises(AlertsUnknown, match=r"^it answers 404$"):
        alerts.ask(home)


def test_the_platforms_figures_are_told_for_the_password(
    home: Home, balancer: Balancer
) -> None:
    answer = balancer.ask_operator("/metrics", auth=LOGIN)
    assert answer.headers["Content-Type"].startswith("text/plain")
    assert 'microflack_part_up{part="echo"} 1.0' in answer.text
    assert 'microflack_start_time_seconds{name="echo"} 7.0' in answer.text
    assert "microflack_registry_has_quorum 1.0" in answer.text
    info = 'microflack_instance_info{name="echo-1",service="echo",version="7"} 1.0'
    assert info in answer.text
    assert "microflack_certificate_has_problem 0.0" in answer.text
    for path in ("/metrics", "/metrics/targets", "/metrics/haproxy"):
        assert balancer.ask_operator(path).status_code == 401
        assert told(balancer.get(path, auth=LOGIN).text) == set()


def test_the_password_is_for_the_platform_and_never_for_services(home: Home) -> None:
    prometheus.prepare(home, False)
    text = (metrics.folder(home) / "prometheus.yml").read_text()
    assert STATS_PASSWORD not in text
    platform, services = json.loads(text)["scrape_configs"]
    assert "basic_auth" in platform and "basic_auth" not in services
    before = (metrics.folder(home) / "web.yml").read_text()
    assert STATS_PASSWORD not in before
    prometheus.prepare(home, True)
    assert (metrics.folder(home) / "web.yml").read_text() == before
