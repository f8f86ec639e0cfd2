"""Socket.IO clients, through the load balancer."""

import time

import pytest
import requests
import socketio


def wait_until(condition, timeout=120):
    """Wait until ``condition()`` is true."""
    end = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.05)


class Client:
    """A Socket.IO client that comes back by itself."""

    def __init__(self, url, transport):
        self.connects = self.expired = 0
        # It forgets to close them when the server was the first to close.
        self._websockets = []
        self._http = requests.Session()
        self._http.trust_env = False
        self.io = socketio.Client(
            http_session=self._http, reconnection_delay=0.2, reconnection_delay_max=1
        )
        self.io.on("connect", self._connected)
        self.io.on("expired_token", self._expired)
        self.io.connect(url, transports=[transport])

    def _connected(self):
        self.connects += 1
        self._websockets.append(self.io.eio.ws)

    def _expired(self):
        self.expired += 1

    def close(self):
        """Disconnect for good."""
        self.io.disconnect()
        self._http.close()
        for websocket in filter(None, self._websockets):
            websocket.shutdown()


@pytest.fixture
def clients(platform):
    """Return clients by WebSocket and by polling."""
    clients = [Client(platform.url, kind) for kind in ("websocket", "polling") * 3]
    yield clients
    for client in clients:
        client.close()


def token_of(someone):
    return someone.session.headers["Authorization"].removeprefix("Bearer ")


def test_a_message_is_posted_on_the_open_connection(person, clients):
    ada = person("ada")
    for number, client in enumerate(clients):
        body = {"source": f"*{number}*", "idempotency_key": f"key-{number}"}
        posted = client.io.call("post_message", (body, token_of(ada)))
        again = client.io.call("post_message", (body, token_of(ada)))
        assert posted["html"] == f"<em>{number}</em>"
        assert again == posted
        assert posted.pop("idempotency_key") == f"key-{number}"
        assert posted == ada.send("GET", posted["_links"]["self"]).json()


def test_a_user_is_online_until_the_last_connection_is_closed(person, clients):
    ada = person("ada")

    def is_online():
        # With the token it would be a sign of life.
        headers = {"Authorization": None}
        path = ada.user["_links"]["self"]
        return ada.send("GET", path, headers=headers).json()["online"]

    for client in clients:
        assert client.io.call("ping_user", token_of(ada)) == {}
    for client in clients[1:]:
        client.close()
    assert is_online()
    clients[0].close()
    wait_until(lambda: not is_online())


def test_a_token_that_is_revoked_is_told_to_open_connections(person, clients):
    ada = person("ada")
    for client in clients:
        client.io.call("ping_user", token_of(ada))
    ada.send("DELETE", "/api/tokens")
    wait_until(lambda: all(client.expired for client in clients))


def test_clients_move_to_another_instance_when_theirs_is_stopped(
    platform, person, clients
):
    ada = person("ada")
    (first,) = platform.instances("socketio")
    platform.run("mfrun", "socketio")
    platform.run("mfkill", first["instance"])
    wait_until(lambda: all(client.connects == 2 for client in clients))
    for client in clients:
        assert client.io.call("ping_user", token_of(ada)) == {}
