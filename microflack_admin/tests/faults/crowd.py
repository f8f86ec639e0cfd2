"""People who write, read and listen all the time, and remember what they were told."""

import threading
import time
from collections import Counter
from contextlib import contextmanager
from uuid import uuid4

import requests
import socketio

# Seconds that somebody waits for an answer before trying again.
PATIENCE = 10
# Seconds that one look may take at each request whether everything works.
LOOK_TIMEOUT = 5
# Seconds within which everything has to work again. It takes one or two; a machine that
# does much else besides may take longer.
RECOVERY_TIMEOUT = 60


class Crowd:
    """What a few clients have asked and were answered."""

    def __init__(self, person):
        self.person = person
        self.token = person.session.headers["Authorization"]
        # Messages that were answered with 201: their source by id.
        self.acknowledged = {}
        self.failed_gets = []
        self.failed_posts = []
        self.heard = set()
        self._stop = threading.Event()
        self._lock = threading.Lock()

    @contextmanager
    def busy(self, writers=3, readers=2):
        """Let people write and read while the block runs."""
        self._stop.clear()
        tasks = [self._write] * writers + [self._read] * readers
        threads = [threading.Thread(target=task) for task in tasks]
        for thread in threads:
            thread.start()
        try:
            yield self
        finally:
            self._stop.set()
            for thread in threads:
                thread.join()

    @contextmanager
    def listening(self):
        """Have a client connected that hears of messages, as the page has."""
        client = socketio.Client(
            reconnection_delay=0.2, reconnection_delay_max=1, handle_sigint=False
        )
        client.on("updated_model", self._hear)
        client.connect(self.person.url, wait_timeout=60)
        try:
            yield self
        finally:
            client.disconnect()

    def wait_until_it_works(self):
        """Wait until signing in, writing, reading, the page and listening work."""
        end = time.monotonic() + RECOVERY_TIMEOUT
        while problem := self._problem():
            assert time.monotonic() < end, f"it does not work again: {problem}"

    def check(self):
        """Assert that what was acknowledged is there, once and unchanged."""
        stored = list(self._all_messages())
        by_id = {message["id"]: message["source"] for message in stored}
        gone = {i: s for i, s in self.acknowledged.items() if by_id.get(i) != s}
        assert gone == {}
        times = Counter(message["source"] for message in stored)
        assert [s for s in self.acknowledged.values() if times[s] != 1] == []

    def _problem(self):
        """Try everything; return what does not work."""
        try:
            message = self._try_everything()
        except (requests.RequestException, AssertionError) as error:
            return f"{type(error).__name__}: {error}"
        end = time.monotonic() + LOOK_TIMEOUT
        while message["id"] not in self.heard:
            if time.monotonic() > end:
                return "nothing is heard of a message"
            time.sleep(0.02)
        return None

    def _try_everything(self):
        person, timeout = self.person, LOOK_TIMEOUT
        person.sign_in(timeout=timeout)
        person.send("GET", "/", timeout=timeout)
        person.send("GET", "/api/users", timeout=timeout)
        message = person.say(f"probe {uuid4()}", timeout=timeout)
        listed = person.send("GET", "/api/messages", timeout=timeout).json()["messages"]
        assert message["id"] in {one["id"] for one in listed}
        return message

    def _write(self):
        session = self._session()
        while not self._stop.is_set():
            key = uuid4().hex
            # A message that got no answer is sent again under the same key.
            while not self._post(session, key, f"crowd {key}"):
                if self._stop.wait(0.1):
                    return

    def _post(self, session, key, source):
        try:
            answer = session.post(
                f"{self.person.url}/api/messages",
                json={"source": source},
                headers={"Idempotency-Key": key},
                timeout=PATIENCE,
            )
        except requests.RequestException as error:
            self.failed_posts.append(type(error).__name__)
            return False
        if answer.status_code not in (200, 201):
            self.failed_posts.append(answer.status_code)
            return False
        with self._lock:
            self.acknowledged[answer.json()["id"]] = source
        return True

    def _read(self):
        session = self._session()
        while not self._stop.wait(0.02):
            for path in ("/api/messages?limit=20", "/api/users", "/api/tokens", "/"):
                try:
                    answer = session.get(self.person.url + path, timeout=PATIENCE)
                except requests.RequestException as error:
                    self.failed_gets.append((path, type(error).__name__))
                else:
                    if answer.status_code != 200:
                        self.failed_gets.append((path, answer.status_code))

    def _session(self):
        session = requests.Session()
        session.trust_env = False
        session.headers["Authorization"] = self.token
        return session

    def _hear(self, event):
        if event["class"] == "Message":
            self.heard.add(event["model"]["id"])

    def _all_messages(self):
        before = 2**31 - 1
        while True:
            path = f"/api/messages?before_id={before}&limit=500"
            page = self.person.send("GET", path).json()["messages"]
            yield from page
            if len(page) < 500:
                return
            before = page[0]["id"]
