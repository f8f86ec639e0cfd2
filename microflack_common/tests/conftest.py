"""Fixtures: a small service, and a real etcd."""

import shutil
import socket
import subprocess
import urllib.error
import urllib.request

import pytest
from apiflask import APIFlask

from microflack_common import errors, health, logs
from microflack_common.testing import SECRET


@pytest.fixture
def app():
    """Return a small service with all that the wheel adds."""
    app = APIFlask("microflack_small", docs_path=None)
    app.config["JWT_SECRET_KEY"] = SECRET
    logs.init_app(app)
    errors.init_app(app)
    health.init_app(app, {})
    return app


@pytest.fixture
def client(app):
    """Return a client of the small service."""
    return app.test_client()


def free_port():
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Etcd:
    """An etcd of its own, which can be stopped and started again."""

    def __init__(self, folder):
        self.url = f"http://127.0.0.1:{free_port()}"
        peer = f"http://127.0.0.1:{free_port()}"
        self.command = [
            "etcd", "--enable-v2", "--data-dir", str(folder), "--log-level", "error",
            "--listen-client-urls", self.url, "--advertise-client-urls", self.url,
            "--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer,
            "--initial-cluster", f"default={peer}",
        ]  # fmt: skip
        self.process = None

    def start(self):
        """Start it and wait until it answers."""
        self.process = subprocess.Popen(
            self.command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        while not self.answers():
            assert self.process.poll() is None, "etcd ended"

    def answers(self):
        """Say whether it is up."""
        try:
            with urllib.request.urlopen(f"{self.url}/health", timeout=1) as answer:
                return b"true" in answer.read()
        except (urllib.error.URLError, OSError):
            return False

    def stop(self):
        """Kill it and wait until it has ended."""
        self.process.kill()
        self.process.wait()


@pytest.fixture
def etcd(tmp_path):
    """Return a running etcd."""
    if not shutil.which("etcd"):
        pytest.skip("etcd is not installed (Debian package etcd-server)")
    etcd = Etcd(tmp_path / "etcd")
    etcd.start()
    yield etcd
    etcd.stop()
