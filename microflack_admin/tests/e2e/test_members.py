"""A chat for its members only: who hears what, and what is written down of sessions."""

import json
import os
import time

import pytest
import requests
import socketio
from chat import Person
from requests.adapters import HTTPAdapter

# What was ended is so within a second, on a machine that has the time.
PATIENCE_SECONDS = 10
# Where the people of these tests sit.
ADDRESS = "127.0.0.77"
PASSWORD, ANOTHER = "a password: 1", "another one: 2"


class _From(HTTPAdapter):
    """Connections that come from one of this machine's addresses."""

    def init_poolmanager(self, *arguments, **options):
        super().init_poolmanager(*arguments, source_address=(ADDRESS, 0), **options)


class Member(Person):
    """Somebody who was invited."""

    def __init__(self, platform, nickname):
        invited = platform.run("mfuser", "invite").stdout.strip()
        body = {
            "nickname": nickname,
            "password": PASSWORD,
            "invitation": invited.partition("=")[2],
        }
        self.url, self.nickname, self.password = platform.url, nickname, PASSWORD
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.mount("http://", _From())
        self.user = self.send("POST", "/api/users", json=body).json()
        self.token = self.sign_in()
        self.session.headers["Authorization"] = f"Bearer {self.token}"

    def change(self, **values):
        """Change the account."""
        self.send("PUT", f"/api/users/{self.user['id']}", json=values)


class Listener:
    """A connection, and the texts that it has heard."""

    def __init__(self, url, token=None):
        self.heard, self.expired = [], False
        self._http = requests.Session()
        self._http.trust_env = False
        self.io = socketio.Client(http_session=self._http, reconnection=False)
        self.io.on("updated_model", self._hear)
        self.io.on("expired_token", self._expire)
        auth = {"token": token} if token else None
        self.io.connect(url, auth=auth, transports=["websocket"])
        self._websocket = self.io.eio.ws

    def _hear(self, event):
        if event["class"] == "Message":
            self.heard.append(event["model"]["source"])

    def _expire(self):
        self.expired = True

    def close(self):
        """Disconnect."""
        self.io.disconnect()
        self._http.close()
        self._websocket.shutdown()


def wait_until(condition, timeout=PATIENCE_SECONDS):
    """Wait until ``condition()`` is true."""
    end = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)


@pytest.fixture(scope="module")
def closed(platform):
    """Return the platform, for members only."""
    platform.environ["MF_ACCESS"] = "members"
    platform.run("mfup")
    yield platform
    platform.environ["MF_ACCESS"] = "open"
    platform.run("mfup")
    del platform.environ["MF_ACCESS"]


@pytest.fixture
def member(closed):
    """Return a function that has somebody invited, registered and signed in."""
    return lambda name: Member(closed, f"{name} {os.urandom(3).hex()}")


@pytest.fixture
def listen(closed):
    """Return a function that opens a connection."""
    listeners = []

    def listen(token=None):
        listeners.append(Listener(closed.url, token))
        return listeners[-1]

    yield listen
    for listener in listeners:
        listener.close()


@pytest.fixture
def speaker(member, listen):
    """Return a function by which somebody says something that he hears himself."""
    bob = member("bob")
    own = listen(bob.token)

    def say(text):
        bob.say(text)
        wait_until(lambda: text in own.heard)

    return say


def wait_until_deaf(listener, say):
    """Have texts said until one is not heard; return when that was, in seconds."""
    began = time.monotonic()
    for number in range(1000):
        text, seconds = f"after {number}", time.monotonic() - began
        say(text)
        # It came to others at the same time, and the next one comes later still.
        say(f"between {number}")
        if text not in listener.heard:
            break
    assert seconds < PATIENCE_SECONDS
    heard = len(listener.heard)
    for number in range(5):
        say(f"at the end {number}")
    assert len(listener.heard) == heard


def test_who_is_no_member_hears_nothing(closed, listen, member, speaker):
    stranger, ada = listen(), listen(member("ada").token)
    for number in range(3):
        speaker(f"text {number}")
        wait_until(lambda number=number: f"text {number}" in ada.heard)
    assert stranger.heard == []
    for path in ("/api/messages", "/api/users"):
        answer = requests.get(closed.url + path, timeout=30)
        assert answer.status_code == 401


def test_who_has_ended_the_session_elsewhere_hears_nothing_more(
    listen, member, speaker
):
    ada = member("ada")
    first = listen(ada.token)
    speaker("before")
    wait_until(lambda: "before" in first.heard)
    # From another device, which stays.
    second_token = ada.sign_in()
    second = listen(second_token)
    headers = {"Authorization": f"Bearer {second_token}"}
    listed = ada.send("GET", "/api/tokens/sessions", headers=headers).json()
    (other,) = [one["id"] for one in listed["sessions"] if not one["current"]]
    ada.send("DELETE", f"/api/tokens/sessions/{other}", headers=headers)
    wait_until_deaf(first, speaker)
    wait_until(lambda: first.expired)
    speaker("still there")
    wait_until(lambda: "still there" in second.heard)
    assert not second.expired


def test_who_is_deactivated_hears_nothing_more(closed, listen, member, speaker):
    ada = member("ada")
    connection = listen(ada.token)
    speaker("before")
    wait_until(lambda: "before" in connection.heard)
    closed.run("mfuser", "deactivate", ada.nickname)
    wait_until_deaf(connection, speaker)
    wait_until(lambda: connection.expired)
    assert ada.send("GET", "/api/messages", check=False).status_code == 401


def test_what_becomes_of_a_session_is_written_down(closed, member):
    ada = member("ada")
    user_id = ada.user["id"]
    wrong = requests.Session()
    wrong.mount("http://", _From())
    answer = wrong.post(
        f"{closed.url}/api/tokens", auth=(ada.nickname, ANOTHER), timeout=30
    )
    assert answer.status_code == 401
    ada.change(password=ANOTHER, current_password=PASSWORD)
    ada.password = ANOTHER
    ada.send("DELETE", "/api/tokens")
    closed.run("mfuser", "signout", ada.nickname)
    expected = {
        ("sign_in", "ok"),
        ("sign_in", "refused"),
        ("password_change", "ok"),
        ("all_sessions_ended", "ok"),
        ("sign_out", "ok"),
    }
    wait_until(lambda: expected <= {told(line) for line in audited(closed, user_id)})
    # Services and the operator are elsewhere.
    own = [
        line
        for line in audited(closed, user_id)
        if line["event"] != "all_sessions_ended" and line.get("by") != "operator"
    ]
    assert {line["address"] for line in own} == {ADDRESS}
    log = closed.run("mflogs", "--raw").stdout
    assert not any(secret in log for secret in (PASSWORD, ANOTHER, ada.token))


def told(line):
    return line["event"], line["outcome"]


def audited(platform, user_id):
    """Return the lines of the services' logs that are about what a user did."""
    lines = platform.run("mflogs", "--raw").stdout.splitlines()
    parsed = [json.loads(line) for line in lines if '"event":' in line]
    return [line for line in parsed if line["user"] == user_id]
