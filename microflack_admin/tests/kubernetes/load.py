"""People who go on asking while something is done to the cluster."""

import os
import threading

import requests
from chat import Person


class Load:
    """Threads that read and write; each request is a connection of its own."""

    def __init__(self, url, people=4):
        self._url, self._ended = url, threading.Event()
        self.people = [
            Person(url, f"load {number} {os.urandom(3).hex()}")
            for number in range(people)
        ]
        self.said, self.answers, self.failed = [], 0, []
        self._threads = [
            threading.Thread(target=self._talk, args=(one,)) for one in self.people
        ]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_error):
        self._ended.set()
        for thread in self._threads:
            thread.join()

    def assert_all_is_there(self):
        """Ask for some of what was said while it went on."""
        assert self.said
        for number in self.said[:: len(self.said) // 20 + 1]:
            self.people[0].send("GET", f"/api/messages/{number}")

    def _talk(self, person):
        number = 0
        person.session.headers["Connection"] = "close"
        while not self._ended.is_set():
            number += 1
            text = {"source": f"{person.nickname}: {number}"}
            if answer := self._ask(person, "POST", "/api/messages", json=text):
                self.said.append(answer.json()["id"])
            for path in ("/api/users/me", "/api/rooms", "/api/tokens/sessions"):
                method = "PUT" if path.endswith("me") else "GET"
                self._ask(person, method, path)
            self._ask(person, "GET", "/")

    def _ask(self, person, method, path, **options):
        """Ask once; return the answer, None if there is none or no good one."""
        try:
            answer = person.send(method, path, check=False, timeout=60, **options)
        except requests.RequestException as error:
            self.failed.append(f"{method} {path}: {error!r}")
            return None
        self.answers += 1
        if not answer.ok:
            self.failed.append(f"{method} {path}: {answer.status_code} {answer.text}")
            return None
        return answer
