"""Others are answered however many passwords are guessed: a real server."""

import http.client
import os
import subprocess
import sys
import threading
import time
from base64 import b64encode
from contextlib import ExitStack
from pathlib import Path

import pytest
from conftest import PASSWORD, wait_for

from microflack_common.serve import answers_ready
from microflack_common.testing import basic, free_port
from microflack_users import hashing_queue
from microflack_users.hashing_queue import Crowded, HashingQueue

FOLDER = Path(__file__).parents[1]
GUESSERS = 80
PROBES = 10


@pytest.fixture
def address(settings, tmp_path):
    """Return HOST:PORT of an instance of the service, started by boot.sh."""
    address = f"127.0.0.1:{free_port()}"
    with ExitStack() as stack:
        log = stack.enter_context(open(tmp_path / "log", "w"))
        path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
        process = subprocess.Popen(
            ["./boot.sh"], cwd=FOLDER, stdout=log, stderr=subprocess.STDOUT,
            env=os.environ | settings
            | {"SERVICE_ADDRESS": address, "PATH": path, "MF_LIMITS": "on"},
        )  # fmt: skip
        stack.callback(process.wait)
        stack.callback(process.terminate)
        wait_for(lambda: answers_ready(address), 60)
        yield address


def ask(address, path, headers, source):
    """Send a request from one of this machine's addresses; return the answer."""
    connection = http.client.HTTPConnection(
        address, timeout=60, source_address=(source, 0)
    )
    connection.request("GET", path, headers=headers)
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer


class Guessers:
    """Many who guess passwords, each from an address of its own."""

    def __init__(self, address):
        self._address = address
        self._stop = threading.Event()
        self.statuses = []
        self.refused = []
        self._threads = [
            threading.Thread(target=self._guess, args=[f"127.1.0.{n + 1}"])
            for n in range(GUESSERS)
        ]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_error):
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _guess(self, source):
        pair = b64encode(b"ada:a guess").decode()
        headers = {"Authorization": f"Basic {pair}"}
        while not self._stop.is_set():
            answer = ask(self._address, "/api/users/me", headers, source)
            self.statuses.append(answer.status)
            if answer.status == 429:
                self.refused.append(answer)

    def hashed(self):
        """Return how many passwords were checked so far."""
        return self.statuses.count(401)


def test_others_need_not_wait_for_those_who_guess(address):
    with Guessers(address) as guessers:
        wait_for(lambda: guessers.hashed() > GUESSERS // 2)
        waited_for = []
        for _ in range(PROBES):
            before = guessers.hashed()
            assert ask(address, "/api/users?limit=1", {}, "127.0.0.1").status == 200
            waited_for.append(guessers.hashed() - before)
    # One after the other they would all come first, on a machine of any speed.
    assert max(waited_for) < GUESSERS // 2
    assert set(guessers.statuses) == {401, 429}
    assert all(int(one.getheader("Retry-After")) > 0 for one in guessers.refused)


def test_who_finds_no_place_is_refused_at_once():
    queue = HashingQueue(slots=1, places=1)
    with queue.turn(), pytest.raises(Crowded), queue.turn():
        pass
    # It is free again.
    with queue.turn():
        pass


def test_who_waits_too_long_is_refused(monkeypatch):
    monkeypatch.setattr(hashing_queue, "WAIT_SECONDS", 0.01)
    queue = HashingQueue(slots=1, places=2)
    with queue.turn(), pytest.raises(Crowded), queue.turn():
        pass


def test_without_limits_all_wait():
    queue = HashingQueue(slots=1, places=None)
    ended = []
    with queue.turn():

        def wait():
            with queue.turn():
                ended.append(time.monotonic())

        waiting = [threading.Thread(target=wait) for _ in range(20)]
        for thread in waiting:
            thread.start()
        assert not ended
    for thread in waiting:
        thread.join()
    assert len(ended) == 20


def test_a_refused_sign_in_says_when_to_come_back(app, client, register):
    register()
    full = HashingQueue(slots=1, places=1)
    app.extensions["microflack_hashing"], before = (
        full,
        app.extensions["microflack_hashing"],
    )
    with full.turn():
        answer = client.get("/api/users/me", headers=basic("ada", PASSWORD))
        body = {"nickname": "bob", "password": PASSWORD}
        registration = client.post("/api/users", json=body)
        assert client.get("/api/users").status_code == 200
    app.extensions["microflack_hashing"] = before
    for refused in (answer, registration):
        assert refused.status_code == 429
        assert int(refused.headers["Retry-After"]) > 0
        assert "Try again" in refused.json["error"]
    assert client.post("/api/users", json=body).status_code == 201
