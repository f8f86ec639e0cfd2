"""Helpers for the tests of services: headers, a registry in memory, real servers."""

import os
import socket
import subprocess
import sys
import threading
import time
from base64 import b64encode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from wsgiref.types import WSGIApplication

from flask import Flask
from werkzeug.serving import make_server

from microflack_common.registry import Change, RegistryError, Tree
from microflack_common.serve import answers_ready
from microflack_common.testing_server import ServerProcess, free_port, started
from microflack_common.tokens import LIFETIME_SECONDS, issue_token

SECRET = "for tests only, but long enough!"
START_TIMEOUT_SECONDS = 120


def basic(nickname: str, password: str) -> dict[str, str]:
    """Return the Authorization header for a nickname and a password (RFC 7617)."""
    credentials = b64encode(f"{nickname}:{password}".encode()).decode()
    return {"Authorization": f"Basic {credentials}"}


def bearer(token: str) -> dict[str, str]:
    """Return the Authorization header for a token (RFC 6750)."""
    return {"Authorization": f"Bearer {token}"}


def token_for(
    app: Flask, user_id: int, lifetime: int = LIFETIME_SECONDS
) -> dict[str, str]:
    """Return the Authorization header of a token that ``app`` accepts."""
    with app.app_context():
        return bearer(issue_token(user_id, lifetime))


class FakeRegistry:
    """The registry in memory; ``away = True`` makes every call fail."""

    def __init__(self) -> None:
        self.values: dict[str, str] = {}
        self.ttls: dict[str, int | None] = {}
        self.index = 0
        self.changes: list[Change] = []
        self.away = False
        self._changed = threading.Condition()

    def get(self, key: str) -> str | None:
        """Return the value of ``key``, or None."""
        self._check()
        return self.values.get(key)

    def put(self, key: str, value: str, ttl: int | None = None) -> int:
        """Write ``key``; the time to live is only remembered."""
        self._check()
        with self._changed:
            self.values[key], self.ttls[key] = value, ttl
            return self._note(key, value)

    def delete(self, key: str, recursive: bool = False) -> bool:
        """Remove ``key``."""
        self._check()
        with self._changed:
            self._note(key, None)
            return self.values.pop(key, None) is not None

    def delete_if(self, key: str, value: str) -> bool:
        """Remove ``key`` only while it has this value."""
        self._check()
        return self.values.get(key) == value and self.delete(key)

    def _note(self, key: str, value: str | None) -> int:
        self.index += 1
        self.changes.append(Change(self.index, key, value))
        self._changed.notify_all()
        return self.index

    def tree(self, key: str, newest: bool = True) -> Tree:
        """Return all keys below ``key``."""
        self._check()
        folder = f"{key.rstrip('/')}/"
        below = {k: v for k, v in self.values.items() if k.startswith(folder)}
        return Tree(self.index, 1 if below else None, below)

    def change(self, key: str, index: int, timeout: float) -> Change | None:
        """Return the first change below ``key`` after ``index``; wait for it."""
        self._check()

        def found() -> Change | None:
            later = (one for one in self.changes if one.index > index)
            return next((c for c in later if c.key.startswith(f"{key}/")), None)

        with self._changed:
            return self._changed.wait_for(found, timeout)

    def wait_for(self, key: str, present: bool = True, timeout: float = 60) -> bool:
        """Wait until ``key`` is there (or gone); say whether it happened in time."""
        with self._changed:
            return self._changed.wait_for(
                lambda: (key in self.values) == present, timeout
            )

    def _check(self) -> None:
        if self.away:
            raise RegistryError("etcd does not answer: told to be away")


class RedisServer(ServerProcess):
    """A real redis-server that stores nothing."""

    def __init__(self) -> None:
        self.port = free_port()
        self.address = f"127.0.0.1:{self.port}"
        options = ["--port", str(self.port), "--bind", "127.0.0.1", "--save", ""]
        super().__init__(["redis-server", *options])

    def answers(self) -> bool:
        """Tell whether it answers PING."""
        try:
            with socket.create_connection(("127.0.0.1", self.port), 1) as connection:
                connection.sendall(b"PING\r\n")
                return connection.recv(16).startswith(b"+PONG")
        except OSError:
            return False


@contextmanager
def redis_server() -> Iterator[RedisServer]:
    """Run a redis-server of its own while the block runs."""
    with started(RedisServer()) as server:
        yield server


@contextmanager
def running(app: WSGIApplication) -> Iterator[str]:
    """Serve ``app`` on a free local port while the block runs; yields its URL."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    # It looks this often (in seconds) whether it is told to stop.
    serve = partial(server.serve_forever, poll_interval=0.02)
    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def modules_of(package: str, settings: Mapping[str, str]) -> set[str]:
    """Return the modules that a worker of Gunicorn has which serves a service.

    :param settings: what it is given besides what is in the environment.
    :raises CalledProcessError: it cannot serve.
    """
    program = f"""
import sys
from microflack_common import serve
serve.pre_fork(None, None)
from {package}.app import create_app
assert create_app().test_client().get("/healthz").status_code == 200
print(*(name for name, module in sys.modules.items() if module))
"""
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=os.environ | settings,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return set(done.stdout.splitlines()[-1].split())


@contextmanager
def flask_run(folder: Path, settings: Mapping[str, str]) -> Iterator[str]:
    """Run ``flask run`` in a service's folder while the block runs; yields its URL.

    Raises TimeoutError when it is not ready within START_TIMEOUT_SECONDS.
    """
    port = free_port()
    address = f"127.0.0.1:{port}"
    command = [sys.executable, "-m", "flask", "run", "--port", str(port)]
    process = subprocess.Popen(command, cwd=folder, env=os.environ | settings)
    try:
        end = time.monotonic() + START_TIMEOUT_SECONDS
        while not answers_ready(address):
            if process.poll() is not None or time.monotonic() > end:
                raise TimeoutError("flask run does not get ready")
            time.sleep(0.05)
        yield f"http://{address}"
    finally:
        process.terminate()
        process.wait()
