"""All of it on a cluster: people talk, and notice nothing of what is done to it."""

import json
import threading

import pytest
import socketio
from builds import UPGRADED, release_before, version
from chat import Person
from checkouts import checkout, overlay
from cluster import told
from daemons import wait_for
from load import Load
from rendered import INSTALL

DEPLOYMENT = f"deployment/{UPGRADED}"


@pytest.fixture(scope="module")
def refused(cluster):
    """Return what is said of images that are nowhere; the next deploy goes on there."""
    return told(cluster.deploy("--images", "registry.invalid/chat"))


@pytest.fixture(scope="module")
def chat(cluster, refused, tmp_path_factory):
    """Return the URL for people: two of each run, one service is of the release before.

    That is upgraded by one of the tests; the others hold before it and after it. The
    data are on the first node.
    """
    _, other = cluster.names("nodes")
    cluster.kubectl("cordon", other)
    before = {UPGRADED: release_before(UPGRADED)}
    older = checkout(tmp_path_factory.mktemp("older"), **before)
    done = cluster.deploy("--access", "open", checkout=older)
    assert done.returncode == 0, done.stderr
    cluster.kubectl("uncordon", other)
    cluster.kubectl("scale", *cluster.STATELESS, "--replicas", "2")
    cluster.settle()
    return done.stdout.strip()


def test_images_that_are_nowhere_are_named(refused):
    assert "does not get ready. " in refused
    assert 'ImagePullBackOff: Back-off pulling image "registry.invalid/chat/' in refused
    assert "the same command goes on from there, 'deploy --delete' removes" in refused


def test_people_register_sign_in_and_talk(chat):
    ada, bob = Person(chat, "ada"), Person(chat, "bob")
    message = ada.say("hello *world*!")
    assert message["html"] == "hello <em>world</em>!"
    assert message in bob.send("GET", "/api/messages").json()["messages"]


def test_a_token_that_was_ended_is_refused_by_all(chat):
    eve = Person(chat, "eve")
    eve.send("DELETE", "/api/tokens")
    for path in ("/api/messages", "/api/users", "/api/tokens"):
        wait_for(lambda p=path: _status(eve, p) == 401, 60)


def _status(person, path):
    return person.send("GET", path, check=False).status_code


def test_an_event_reaches_a_client_that_polls(chat):
    grace, heard = Person(chat, "grace"), threading.Event()
    client = socketio.Client()
    client.on("updated_model", lambda news: _hear(news, heard))
    # Each poll comes back to the same instance by the cookie.
    client.connect(chat, transports=["polling"])
    try:
        wait_for(lambda: _say(grace) and heard.wait(2), 60)
    finally:
        client.disconnect()


def _hear(news, heard):
    if news["model"].get("source") == "do you hear me?":
        heard.set()


def _say(person):
    return person.say("do you hear me?")


def test_nobody_notices_an_upgrade_or_that_all_are_replaced(cluster, chat, capsys):
    with Load(chat) as load:
        done = cluster.deploy("--access", "open")
        assert done.returncode == 0, done.stderr
        upgraded = load.answers
        cluster.kubectl("rollout", "restart", *cluster.STATELESS)
        cluster.settle()
    with capsys.disabled():
        print(f" {load.answers} answers, {upgraded} of them during the upgrade")
    assert load.failed == []
    assert load.answers > upgraded > 20
    image = _container(cluster)["image"]
    assert image == f"microflack_{UPGRADED}:{version(UPGRADED)}"
    load.assert_all_is_there()


def test_nobody_notices_a_drained_node(cluster, chat, capsys):
    _, other = cluster.names("nodes")
    with Load(chat) as load:
        cluster.kubectl("drain", other, "--ignore-daemonsets", "--delete-emptydir-data")
        cluster.settle()
    cluster.kubectl("uncordon", other)
    with capsys.disabled():
        print(f" {load.answers} answers")
    assert load.failed == []
    load.assert_all_is_there()


def _container(cluster):
    deployment = json.loads(cluster.kubectl("get", DEPLOYMENT, "--output", "json"))
    (container,) = deployment["spec"]["template"]["spec"]["containers"]
    return container


def test_a_release_that_never_serves_takes_nothing_away(cluster, chat, tmp_path):
    # It hangs, and who rolls it out does not want to wait for five minutes.
    container = "/spec/template/spec/containers/0"
    hangs = {"op": "add", "path": f"{container}/command", "value": ["sleep", "999"]}
    soon = {"op": "replace", "path": "/spec/progressDeadlineSeconds", "value": 20}
    target = {"kind": "Deployment", "name": UPGRADED}
    folder = overlay(tmp_path / "mine", INSTALL / "small", (target, [hangs, soon]))
    with Load(chat) as load:
        said = told(cluster.deploy("--access", "open", "--overlay", folder))
        back = f"-n microflack rollout undo deployment.apps/{UPGRADED}'"
        assert "does not get ready, what ran before serves on. " in said
        assert f"{back} takes the new release back" in said
        cluster.kubectl("rollout", "undo", DEPLOYMENT)
        cluster.settle()
    assert load.failed == []
    assert "command" not in _container(cluster)
    load.assert_all_is_there()


def test_what_was_stopped_is_back_with_all_that_was_said(cluster, chat):
    mary = Person(chat, "mary")
    number = mary.say("to be continued")["id"]
    stopped = cluster.deploy("--stop")
    assert stopped.returncode == 0, stopped.stderr
    assert cluster.names("pods") == []
    started = cluster.deploy("--access", "open")
    assert started.returncode == 0, started.stderr
    # The same secrets: her session goes on.
    again = mary.send("GET", f"/api/messages/{number}").json()
    assert again["source"] == "to be continued"
