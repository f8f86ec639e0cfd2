"""A MicroFlack of its own, and people who use its API; for the tests of the whole."""

import json
import os
import socket
import subprocess
from base64 import b64encode
from pathlib import Path

import requests

ADMIN = Path(__file__).resolve().parents[2]


def share(home, *names):
    """Link what mftest keeps for all platforms into the home of one."""
    if "MF_RESULTS" not in os.environ:
        return
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    for name in names:
        (home / name).symlink_to(Path(os.environ["MF_RESULTS"]).parent / name)


def free_port():
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Platform:
    """A running platform: its commands and its URL."""

    # What it need not install or build anew.
    shared = ("tools", "wheelhouse", "image-store")

    def __init__(self, home):
        self.home = home
        share(home, *self.shared)
        self.environ = os.environ | {
            "MF_HOME": str(home),
            "MF_PORT": str(free_port()),
            # Tests ask for more than one address may.
            "MF_LIMITS": "off",
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
        return self._recorded("settings.env")[name]

    @property
    def registry(self):
        """Return the registry's URL, with the platform's own name and password."""
        password = self._recorded("secrets.env")["REGISTRY_PASSWORD"]
        return f"http://root:{password}@127.0.0.1:{self.setting('ETCD_PORT')}"

    def _recorded(self, file):
        lines = (self.home / file).read_text().splitlines()
        return dict(line.split("=", 1) for line in lines)


class Person:
    """Somebody who uses the API with curl, so to speak."""

    def __init__(self, url, nickname, password="a password: 1"):
        self.url, self.nickname, self.password = url, nickname, password
        self.session = requests.Session()
        self.session.trust_env = False
        body = {"nickname": nickname, "password": password}
        self.user = self.send("POST", "/api/users", json=body).json()
        self.session.headers["Authorization"] = f"Bearer {self.sign_in()}"

    def sign_in(self, **options):
        """Return a new token."""
        pair = b64encode(f"{self.nickname}:{self.password}".encode()).decode()
        headers = {"Authorization": f"Basic {pair}"}
        answer = self.send("POST", "/api/tokens", headers=headers, **options)
        return answer.json()["token"]

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


def released_services():
    """Return the releases of services, as the history's trailers tell them."""
    form = "--format=%(trailers:key=Release,valueonly)"
    log = subprocess.run(
        ["git", "log", form], cwd=ADMIN, capture_output=True, text=True, check=True
    )
    released = [line.split() for line in log.stdout.splitlines() if line]
    return [(name, number) for name, number in released if name != "common"]
