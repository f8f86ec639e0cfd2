"""The order of acknowledgement is the order of numbers, whatever befalls instances.

Several authors post on three instances, each when its last message is acknowledged.
Meanwhile instances are stopped, continued and killed. ORDER_MESSAGES says how many
messages each author posts.
"""

import os
import random
import signal
import subprocess
import sys
import threading
import time
from itertools import count, pairwise
from pathlib import Path

import pytest
import requests

from microflack_common.testing import SECRET, free_port, token_for

FOLDER = Path(__file__).parents[1]
AUTHORS = 8
MESSAGES = int(os.environ.get("ORDER_MESSAGES", "30"))
SERVE = [sys.executable, "-m", "gunicorn", "--config"]
SERVE += ["python:microflack_common.serve", "microflack_messages.app:create_app()"]
# Seconds: of a request, of a pause of an instance, and between two misfortunes.
PATIENCE, PAUSES, BETWEEN = 15, (0.05, 1.0), (0.1, 0.5)


class Instance:
    """An instance of the service: processes of its own."""

    def __init__(self, settings):
        self._settings = settings
        self._start()

    def _start(self):
        self.address = f"127.0.0.1:{free_port()}"
        self._process = subprocess.Popen(
            SERVE,
            cwd=FOLDER,
            env=os.environ | self._settings | {"SERVICE_ADDRESS": self.address},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def is_ready(self):
        """Say whether it serves."""
        assert self._process.poll() is None
        try:
            url = f"http://{self.address}/readyz"
            return requests.get(url, timeout=PATIENCE).status_code == 200
        except requests.RequestException:
            return False

    def pause(self, seconds):
        """Let it stand still for a while."""
        self._signal(signal.SIGSTOP)
        time.sleep(seconds)
        self._signal(signal.SIGCONT)

    def kill(self):
        """End it at once."""
        self._signal(signal.SIGKILL)
        self._process.wait()

    def replace(self):
        """End it at once, and start another one in its place."""
        self.kill()
        self._start()

    def _signal(self, number):
        os.killpg(self._process.pid, number)


class Author(threading.Thread):
    """Posts one message after the other, until each is acknowledged."""

    def __init__(self, headers, name, instances):
        super().__init__()
        self._headers = headers
        self._name = name
        self._instances = instances
        # Of each message: when it was begun, when acknowledged, and the answer.
        self.acknowledged = []

    def run(self):
        """Post all."""
        for number in range(MESSAGES):
            begun = time.monotonic()
            message = self._post(f"{self._name} {number}")
            self.acknowledged.append((begun, time.monotonic(), message))

    def _post(self, source):
        headers = self._headers | {"Idempotency-Key": source}
        while True:
            address = random.choice(self._instances).address
            url = f"http://{address}/api/messages"
            try:
                answer = requests.post(
                    url, json={"source": source}, headers=headers, timeout=PATIENCE
                )
            except requests.RequestException:
                continue
            if answer.status_code in (200, 201):
                return answer.json()
            assert answer.status_code >= 500, answer.text


class Reader(threading.Thread):
    """Asks again and again what came after the last number that it was told."""

    def __init__(self, instances):
        super().__init__()
        self._instances = instances
        self.done = threading.Event()
        self.read = []

    def run(self):
        """Read until it is done, and nothing more comes."""
        number = 0
        while True:
            ends = self.done.is_set()
            address = random.choice(self._instances).address
            url = f"http://{address}/api/messages?after={number}&limit=500"
            try:
                answer = requests.get(url, timeout=PATIENCE)
            except requests.RequestException:
                continue
            if answer.status_code != 200:
                continue
            messages = answer.json()["messages"]
            if ends and not messages:
                return
            self.read += messages
            number = messages[-1]["change"] if messages else number


@pytest.fixture
def instances(app, settings):
    """Return three instances on one database."""
    own = settings | {"JWT_SECRET_KEY": SECRET, "LINK_CARDS": "no"}
    instances = [Instance(own) for _ in range(3)]
    try:
        while not all(one.is_ready() for one in instances):
            time.sleep(0.1)
        yield instances
    finally:
        for one in instances:
            one.kill()


def test_the_order_of_acknowledgement_is_the_order_of_numbers(app, instances):
    authors = [
        Author(token_for(app, number + 1), f"author {number}", instances)
        for number in range(AUTHORS)
    ]
    readers = [Reader(instances) for _ in range(2)]
    for one in authors + readers:
        one.start()
    for number in count():
        if not any(one.is_alive() for one in authors):
            break
        victim = random.choice(instances)
        if number % 5 == 4:
            victim.replace()
        else:
            victim.pause(random.uniform(*PAUSES))
        time.sleep(random.uniform(*BETWEEN))
    for one in readers:
        one.done.set()
        one.join()
    acknowledged = [one for author in authors for one in author.acknowledged]
    assert len(acknowledged) == AUTHORS * MESSAGES
    acknowledged.sort(key=lambda one: one[2]["change"])
    # Who begins to post after another's acknowledgement gets a higher number.
    last_begun = 0.0
    for begun, ended, message in acknowledged:
        assert last_begun <= ended, message
        last_begun = max(last_begun, begun)
    numbers = [message["change"] for _, _, message in acknowledged]
    assert all(after == before + 1 for before, after in pairwise(numbers))
    for reader in readers:
        read = [one for one in reader.read if one["change"] >= numbers[0]]
        assert [one["change"] for one in read] == numbers
        assert [one["id"] for one in read] == [m["id"] for _, _, m in acknowledged]
