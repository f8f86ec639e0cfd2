"""Connections that remember whatever they hear, and people in a private room."""

import json
import os
import time
from queue import Empty, Queue

import requests
import socketio

# However busy the machine is.
PATIENCE_SECONDS = 60


def wait_until(condition, timeout=PATIENCE_SECONDS):
    """Wait until ``condition()`` is true, and return what it returned."""
    end = time.monotonic() + timeout
    while not (found := condition()):
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.05)
    return found


class Listener:
    """A connection, and the events that it has heard.

    :param name: what a failed test calls it.
    """

    def __init__(self, name, url, transport="websocket", **auth):
        self.name, self.heard, self._came = name, [], Queue()
        self._http = requests.Session()
        self._http.trust_env = False
        self.io = socketio.Client(http_session=self._http, reconnection=False)
        self.io.on("*", lambda *event: self._came.put(event))
        self.io.connect(url, auth=auth, transports=[transport], wait_timeout=30)
        self._websocket = self.io.eio.ws

    def has_heard(self, text):
        """Say whether a text has been in any event."""
        try:
            while True:
                self.heard.append(json.dumps(self._came.get_nowait()))
        except Empty:
            return any(text in event for event in self.heard)

    def call(self, event, *arguments):
        """Send an event; return its acknowledgement."""
        return self.io.call(event, arguments, timeout=PATIENCE_SECONDS)

    def close(self):
        """Disconnect."""
        self.io.disconnect()
        self._http.close()
        if self._websocket:
            self._websocket.shutdown()


def token_of(someone):
    """Return the token of somebody."""
    return someone.session.headers["Authorization"].removeprefix("Bearer ")


def heard_by(speaker, text, listeners):
    """Return the names of those that have heard a text until now.

    Whatever was sent before has come by then: what is said to all has.
    """
    for _ in range(2):
        mark = os.urandom(8).hex()
        speaker.say(mark)
        for one in listeners:
            wait_until(lambda one=one, mark=mark: one.has_heard(mark))
    return {one.name for one in listeners if one.has_heard(text)}


class PrivateRoom:
    """A private room, and what its owner does there.

    :param owner: who makes it.
    :param members: who is in it besides.
    """

    def __init__(self, owner, *members):
        self.owner = owner
        # It is in all that is said of the room, and nowhere else.
        self.secret = f"den {os.urandom(8).hex()}"
        ids = [one.user["id"] for one in members]
        body = {"kind": "private", "name": self.secret, "members": ids}
        self.room = owner.send("POST", "/api/rooms", json=body).json()
        self.path = self.room["_links"]["self"]

    def say(self, text, **more):
        """Have the owner say something there; return the message."""
        body = {"source": text, "room_id": self.room["id"], **more}
        return self.owner.send("POST", "/api/messages", json=body).json()

    def do_everything(self, text):
        """Do all that can be done with a message and a room, with this text in it."""
        send = self.owner.send
        message = self.say(f"{text} said")
        path = message["_links"]["self"]
        send("PUT", path, json={"source": f"{text} edited"})
        # A thumb up, where messages can have reactions.
        send("PUT", f"{path}/reactions/%F0%9F%91%8D", check=False)
        send("PUT", self.path, json={"name": f"{text} name", "topic": f"{text} topic"})
        send("PUT", f"{self.path}/read", json={"up_to": message["id"]})
        return message

    def set_member(self, someone, is_in):
        """Have the owner add somebody, or remove them."""
        path = f"{self.path}/members/{someone.user['id']}"
        self.owner.send("PUT" if is_in else "DELETE", path)
