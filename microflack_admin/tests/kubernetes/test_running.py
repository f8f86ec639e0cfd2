"""All of it on a cluster: people talk, and notice nothing of what is done to it."""

import threading

import socketio
from chat import Person
from daemons import wait_for
from load import Load


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


def test_nobody_notices_a_rolling_update_or_a_drained_node(cluster, chat, capsys):
    _, other = cluster.nodes()
    with Load(chat) as load:
        cluster.kubectl("rollout", "restart", *cluster.STATELESS)
        cluster.settle()
        updated = load.answers
        cluster.kubectl("drain", other, "--ignore-daemonsets", "--delete-emptydir-data")
        cluster.settle()
    with capsys.disabled():
        print(f" {load.answers} answers, {updated} of them before the drain")
    assert load.failed == []
    assert load.answers > updated > 20
    reader = load.people[0]
    for number in load.said[:: len(load.said) // 20 + 1]:
        reader.send("GET", f"/api/messages/{number}")
