"""The services' own images, with addresses of their own and what the templates give."""

import os

import pytest
import requests
from chat import Person
from daemons import wait_for
from running import Running

# ruff: noqa: F401 (what holds for a platform holds here)
from test_files import test_the_largest_file_comes_back_as_it_was
from test_rooms_api import (
    test_what_is_said_in_a_private_room_is_unread_for_its_members_only,
    test_who_has_just_registered_is_found_and_named,
)


@pytest.fixture(scope="module")
def running(engine, deployed, tmp_path_factory):
    """Return all of it, running."""
    running = Running(engine, deployed, tmp_path_factory.mktemp("running"))
    try:
        running.start()
        yield running
    finally:
        running.stop()


@pytest.fixture
def chat(running):
    """Return the URL for people."""
    return running.url


@pytest.fixture
def person(chat):
    """Return a function that registers somebody under a name of this test."""
    return lambda nickname: Person(chat, f"{nickname} {os.urandom(3).hex()}")


def test_people_register_sign_in_and_talk(chat):
    ada, bob = Person(chat, "ada"), Person(chat, "bob")
    message = ada.say("hello *world*!")
    assert message["html"] == "hello <em>world</em>!"
    assert message in bob.send("GET", "/api/messages").json()["messages"]
    assert ada.say("Żółć ✅ 日本")["source"] == "Żółć ✅ 日本"


def test_a_token_that_was_ended_is_refused_by_all(chat):
    eve = Person(chat, "eve")
    eve.send("DELETE", "/api/tokens")
    for path in ("/api/messages", "/api/users", "/api/tokens"):
        wait_for(lambda p=path: _status(eve, p) == 401, 60)


def _status(person, path):
    return person.send("GET", path, check=False).status_code


def test_the_page_and_its_events_are_served(chat):
    assert "<html" in requests.get(f"{chat}/", timeout=30).text
    opened = requests.get(f"{chat}/socket.io/?EIO=4&transport=polling", timeout=30)
    assert '"sid"' in opened.text
    assert "AWSALB" in opened.cookies


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics", "/api/nothing"])
def test_what_nobody_should_see_is_not_there(chat, path):
    answer = requests.get(chat + path, timeout=30)
    assert answer.status_code == 404
    assert answer.json()["error"]


def test_what_a_killed_instance_has_answered_is_kept(running, chat, capsys):
    ada = Person(chat, "grace")
    message = ada.say("kept")
    seconds = {name: running.replace(name) for name in ("messages", "tokens")}
    assert ada.send("GET", message["_links"]["self"]).json() == message
    with capsys.disabled():
        print("", *(f"{n} was back after {s:.1f} s" for n, s in seconds.items()))
