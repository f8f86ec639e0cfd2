"""A platform takes over all that a monolith had, in the same home: mfup --move."""

import json
import os
import pty
import sqlite3
import subprocess

import pytest
import requests
from chat import ADMIN, Person, share
from moving import kill_when

# Where it is killed: each is what it says at that moment.
STEPS = ["Installing the platform's tools", "Starting etcd", "equal (SHA-256"]


def refusal(home, *arguments):
    """Return the one line with which mfup refuses."""
    done = home.run("mfup", *arguments, check=False)
    assert done.returncode == 1 and not done.stdout
    (said,) = done.stderr.splitlines()
    return said


def have_shared_tools(home):
    """Give it the tools that were made for all test platforms."""
    tools = home.home / "tools"
    if "MF_RESULTS" in os.environ:
        tools.unlink()
        share(home.home, "tools")


@pytest.fixture
def inhabited(another):
    """Return a monolith that people have used, and what they had."""
    share(another.home, "wheelhouse", "image-store")
    another.up()
    ada, eve = Person(another.url, "ada"), Person(another.url, "eve")
    another.run("mfuser", "admin", "ada")
    ended = dict(eve.session.headers)
    eve.send("DELETE", "/api/tokens")
    said = [ada.say(f"number {number}") for number in range(5)]
    return another, ada, said, ended


def messages(url):
    answer = requests.get(f"{url}/api/messages?after=0&limit=100", timeout=60)
    return [
        (one["id"], one["change"], one["source"]) for one in answer.json()["messages"]
    ]


def test_people_messages_and_sessions_are_there_whatever_interrupts(inhabited):
    home, ada, said, ended = inhabited
    before = messages(home.url)
    for sign in STEPS:
        kill_when([ADMIN / "bin" / "mfup", "--move"], home.environ, sign)
        assert "mfup --move" in refusal(home)
        have_shared_tools(home)
    result = home.run("mfup", "--move")
    assert result.stdout.strip().rstrip("/") == home.url
    assert messages(home.url) == before
    assert [one["source"] for one in said] == [source for _, _, source in before]
    assert ada.send("GET", "/api/tokens").ok
    assert ada.send("GET", "/api/users/invitations").ok
    assert ada.sign_in()
    answer = requests.get(f"{home.url}/api/tokens", headers=ended, timeout=30)
    assert answer.status_code == 401
    # What has been written since is never copied over.
    ada.say("in the platform")
    home.run("mfup", "--move")
    assert [source for _, _, source in messages(home.url)][-1] == "in the platform"
    with sqlite3.connect(home.home / "monolith" / "messages.db") as database:
        kept = database.execute("SELECT count(*) FROM messages").fetchone()
    assert kept == (len(before),)
    assert {one["service"] for one in _instances(home)} >= {"users", "messages"}


def _instances(home):
    return json.loads(home.run("mfstatus", "--json").stdout)["instances"]


def test_mfup_says_the_way_and_asks_once_at_a_terminal(platform):
    assert "mfup --move" in refusal(platform)
    controller, terminal = pty.openpty()
    with subprocess.Popen(
        [ADMIN / "bin" / "mfup"],
        env=platform.environ,
        stdin=terminal,
        stdout=subprocess.PIPE,
        stderr=terminal,
        start_new_session=True,
    ) as process:
        os.close(terminal)
        shown = b""
        while b"[y/N]" not in shown:
            shown += os.read(controller, 1000)
        os.write(controller, b"n\n")
        assert process.wait() == 1
    os.close(controller)
    assert requests.get(platform.url, timeout=30).ok


def test_a_monolith_that_stands_elsewhere_is_not_moved_here(another):
    another.up(MF_WITHOUT="ui")
    assert "mfmove SERVICE --from" in refusal(another, "--move")
    assert requests.get(f"{another.url}/api/users", timeout=30).ok


def test_a_home_without_a_monolith_has_nothing_to_move(another):
    assert "has no monolith" in refusal(another, "--move")
    assert not (another.home / "settings.env").exists()
