"""A whole MicroFlack, brought up as a user would, and browsers that use it."""

import json
import os
import shutil
import socket
import subprocess
from base64 import b64encode
from pathlib import Path

import pytest
import requests
from playwright.sync_api import expect, sync_playwright
from visitor import Visitor

ADMIN = Path(__file__).resolve().parents[2]
FLAGS = [
    "--no-sandbox",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PATIENCE_MS = 15_000


def free_port():
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Platform:
    """A running platform: its commands and its URL."""

    def __init__(self, home):
        self.home = home
        self.environ = os.environ | {
            "MF_HOME": str(home),
            "MF_PORT": str(free_port()),
        }
        self.url = f"http://127.0.0.1:{self.environ['MF_PORT']}"

    def run(self, command, *arguments, check=True):
        """Run an mf* command; return what it did."""
        result = subprocess.run(
            [ADMIN / "bin" / command, *arguments],
            env=self.environ,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )
        if check:
            assert result.returncode == 0, f"{command}: {result.stderr}"
        return result

    def instances(self, service):
        """Return what mfstatus says of the instances of a service."""
        status = json.loads(self.run("mfstatus", "--json").stdout)
        return [one for one in status["instances"] if one["service"] == service]

    def setting(self, name):
        """Return a recorded setting."""
        lines = (self.home / "settings.env").read_text().splitlines()
        return dict(line.split("=", 1) for line in lines)[name]


@pytest.fixture(scope="session")
def platform(tmp_path_factory):
    """Bring everything up as the README says, and down at the end."""
    platform = Platform(tmp_path_factory.mktemp("e2e") / "a home")
    try:
        result = platform.run("mfup")
        assert result.stdout.splitlines()[-1].rstrip("/") == platform.url
        yield platform
    finally:
        platform.run("mfdown", check=False)


class Person:
    """Somebody who uses the API with curl, so to speak."""

    def __init__(self, url, nickname, password="a password: 1"):
        self.url, self.nickname = url, nickname
        self.session = requests.Session()
        self.session.trust_env = False
        body = {"nickname": nickname, "password": password}
        self.user = self.send("POST", "/api/users", json=body).json()
        pair = b64encode(f"{nickname}:{password}".encode()).decode()
        basic = {"Authorization": f"Basic {pair}"}
        token = self.send("POST", "/api/tokens", headers=basic).json()["token"]
        self.session.headers["Authorization"] = f"Bearer {token}"

    def send(self, method, path, check=True, **options):
        """Send a request and return the answer."""
        options.setdefault("timeout", 30)
        answer = self.session.request(method, self.url + path, **options)
        if check:
            assert answer.ok, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer

    def say(self, source, **options):
        """Post a message and return it."""
        body = {"source": source}
        return self.send("POST", "/api/messages", json=body, **options).json()


@pytest.fixture
def person(platform, request):
    """Return a function that registers somebody under a name of this test."""

    def make(nickname):
        return Person(platform.url, f"{nickname} {os.urandom(3).hex()}")

    return make


@pytest.fixture(scope="session")
def chromium():
    """Return a function that starts a browser of its own."""
    path = shutil.which("chromium")
    if not path:
        pytest.fail("These tests drive Chromium: apt-get install chromium", False)
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        yield lambda: playwright.chromium.launch(executable_path=path, args=FLAGS)


@pytest.fixture
def visit(chromium, platform):
    """Open the page in a browser of its own; a script error fails the test."""
    visitors, browsers = [], []

    def open_page():
        browsers.append(chromium())
        page = browsers[-1].new_context(locale="en-GB").new_page()
        page.set_default_timeout(PATIENCE_MS)
        visitors.append(Visitor(page, platform.url))
        return visitors[-1]

    yield open_page
    for browser in browsers:
        browser.close()
    assert [problem for one in visitors for problem in one.problems] == []
