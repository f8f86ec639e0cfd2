"""People who chat while a monolith is moved, and what has come of it."""

import threading
import time
import uuid

import requests
from chat import Person

# Whoever is held must be answered before the load balancer gives up.
TIMEOUT_SECONDS = 90


def wait_until(condition, seconds=60):
    """Wait until something is so."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it does not come"
        time.sleep(0.1)


class Talker(threading.Thread):
    """Somebody who writes, changes something and signs in, one after the other."""

    def __init__(self, url):
        super().__init__(daemon=True)
        self.person = Person(url, f"talker {uuid.uuid4().hex[:8]}")
        self.acknowledged, self.failures, self.done = [], [], threading.Event()

    def run(self):
        """Go on until it is over."""
        number = 0
        while not self.done.wait(0.05):
            number += 1
            self._do(number)

    def _do(self, number):
        try:
            said = self.person.say(
                f"{number} of {self.person.nickname}", timeout=TIMEOUT_SECONDS
            )
            self.acknowledged.append(said)
            for method, path in (("PUT", "/api/users/me"), ("GET", "/api/tokens")):
                self.person.send(method, path, timeout=TIMEOUT_SECONDS)
            if number % 10 == 0:
                self.person.sign_in(timeout=TIMEOUT_SECONDS)
                self.person.send("GET", "/", timeout=TIMEOUT_SECONDS)
        except (requests.RequestException, AssertionError) as error:
            self.failures.append(str(error))


def stored(url):
    """Return all messages there are, oldest first."""
    found, path = [], "/api/messages?after=0&limit=200"
    while path:
        answer = requests.get(url + path, timeout=30).json()
        found += answer["messages"]
        path = answer.get("_links", {}).get("next")
    return found


def wait_for_more(talker, count=10):
    """Wait until somebody has written so much more."""
    before = len(talker.acknowledged)
    wait_until(lambda: len(talker.acknowledged) > before + count, TIMEOUT_SECONDS)


def check_nothing_is_wrong(talkers, url):
    """See that all is stored that was acknowledged, once, in its authors' order."""
    found = {one["id"]: one for one in stored(url)}
    for talker in talkers:
        assert len(talker.acknowledged) > 10
        for one in talker.acknowledged:
            assert found[one["id"]]["source"] == one["source"]
        changes = [one["change"] for one in talker.acknowledged]
        assert changes == sorted(changes)
        own = [m for m in found.values() if m["user_id"] == talker.person.user["id"]]
        sources = [one["source"] for one in own]
        assert len(sources) == len(set(sources))
