"""The chart on a cluster: installed, changed, and gone again."""

import pytest
import requests
from chat import Person
from cluster import NAMESPACE
from daemons import wait_for
from rendered import HELM, INSTALL

HERE = ("--namespace", NAMESPACE, "--wait", "--timeout", "15m")


@pytest.fixture(scope="module")
def chart(cluster, tmp_path_factory):
    """Return the folder of a chart, for a namespace that has its secrets."""
    if not (HELM / "helm").exists():
        pytest.skip("helm is not here: mftest kubernetes installs it")
    folder = tmp_path_factory.mktemp("chart")
    cluster.done(INSTALL / "chart", folder)
    made = cluster.deploy("--secrets")
    assert made.returncode == 0, made.stderr
    return folder


def test_people_talk_and_a_setting_is_changed(cluster, chart):
    values = ("--set", "door=true", "--set", "access=open")
    cluster.done("helm", "install", "chat", chart, *HERE, *values)
    port = ("get", "service", "door", "--output", "jsonpath={.spec.ports[0].nodePort}")
    url = f"http://10.88.0.11:{cluster.kubectl(*port)}"
    ada = Person(url, "ada")
    number = ada.say("hello *world*!")["id"]
    assert _read(url) == 200
    changed = ("--reuse-values", "--set", "access=members")
    cluster.done("helm", "upgrade", "chat", chart, *HERE, *changed)
    wait_for(lambda: _read(url) == 401)
    assert ada.send("GET", f"/api/messages/{number}").json()["id"] == number
    cluster.done("helm", "uninstall", "chat", *HERE)
    assert cluster.names("deployments,statefulsets") == []


def _read(url):
    return requests.get(f"{url}/api/messages", timeout=60).status_code
