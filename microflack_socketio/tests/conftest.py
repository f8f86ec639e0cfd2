"""Fixtures: instances of the service beside small users and messages services."""

import json
import shutil
import threading
from itertools import count
from types import SimpleNamespace

import pytest
from flask import Flask, Response, jsonify, request
from instances import Client, Instance, RawClient

from microflack_common.service_tokens import decode_service_token
from microflack_common.testing import SECRET, redis_server, running
from microflack_common.tokens import InvalidToken, decode_token, issue_token

SERVICE_KEY = "a key that a few services share!"


def _service_of(token):
    try:
        return decode_service_token(token)
    except InvalidToken:
        return None


class Services:
    """Small users and messages services behind a load balancer."""

    def __init__(self):
        self.calls = []
        self.slow, self.rooms_slow = threading.Event(), threading.Event()
        self.app = Flask("services")
        self.app.config |= {"JWT_SECRET_KEY": SECRET, "SERVICE_KEY": SERVICE_KEY}
        self.app.register_error_handler(InvalidToken, lambda _error: ("", 401))
        for method in ("PUT", "DELETE"):
            self.app.add_url_rule(
                "/api/users/me", method, self.handle, methods=[method]
            )
        self.app.add_url_rule("/api/messages", "post", self.handle, methods=["POST"])
        self.app.add_url_rule("/api/rooms", "rooms", self.rooms)
        self.clear()

    def clear(self):
        """Forget what was asked; answer promptly and as usual."""
        self.calls.clear()
        self.answer = None
        # Whether the users service believes others that they are who they say.
        self.services_known = True
        self.slow.set()
        # The rooms of users by their ids, of nobody those that are public.
        self.rooms_of = {}
        self.rooms_asked = []
        self.rooms_answer = None
        self.rooms_slow.set()

    def rooms(self):
        header = request.headers.get("Authorization")
        token = header and header.removeprefix("Bearer ")
        user_id = decode_token(token).user_id if token else None
        # As they are when it is asked, however long the answer takes.
        rooms = json.dumps({"rooms": list(self.rooms_of.get(user_id, []))})
        self.rooms_asked.append(user_id)
        self.rooms_slow.wait(10)
        if self.rooms_answer:
            return self.rooms_answer
        return Response(rooms, content_type="application/json")

    def handle(self):
        self.slow.wait(10)
        token = request.headers["Authorization"].removeprefix("Bearer ")
        service = self.services_known and _service_of(token)
        call = SimpleNamespace(
            method=request.method,
            path=request.path,
            token=token,
            user_id=(service or decode_token(token)).user_id,
            service=service.service if service else None,
            json=request.get_json(silent=True),
            key=request.headers.get("Idempotency-Key"),
        )
        self.calls.append(call)
        if self.answer:
            return jsonify(self.answer[0]), self.answer[1]
        if request.method != "POST":
            return "", 204
        # People who have left are told of meanwhile.
        number = sum(call.method == "POST" for call in self.calls)
        return jsonify(id=number, user_id=call.user_id, **call.json), 201

    def asked(self):
        """Say whether an event has led to a request; a disconnect does later."""
        return any(call.method != "DELETE" for call in self.calls)

    def of(self, user_id, method):
        """Return the calls of a user with this method."""
        return [c for c in self.calls if (c.user_id, c.method) == (user_id, method)]


@pytest.fixture(scope="session")
def behind():
    """Return the services behind the load balancer, and its URL."""
    services = Services()
    with running(services.app) as url:
        yield services, url


@pytest.fixture
def services(behind):
    """Return the services behind the load balancer, as new."""
    behind[0].clear()
    return behind[0]


@pytest.fixture(scope="session")
def redis():
    """Return a running Redis."""
    if not shutil.which("redis-server"):
        pytest.skip("redis-server is not installed (Debian package redis-server)")
    with redis_server() as server:
        yield server


@pytest.fixture(scope="session")
def start(behind, tmp_path_factory):
    """Return a function that starts an instance. None may log an exception."""
    instances = []

    def start(redis, **settings):
        log = tmp_path_factory.mktemp("instance") / "log"
        instance = Instance(log, LB=behind[1], REDIS=redis.address, **settings)
        instances.append(instance)
        return instance

    yield start
    for instance in instances:
        instance.stop()
    for instance in instances:
        assert "traceback" not in instance.log().lower()


@pytest.fixture(scope="session")
def shared(start, redis):
    """Return an instance that all tests share which do it no harm."""
    return start(redis).wait_until_ready()


@pytest.fixture
def instance(shared, services):
    """Return the shared instance, with services as new behind it."""
    return shared


@pytest.fixture
def connect(instance):
    """Return a function that connects a client, by default to the shared instance."""
    clients = []

    def connect(to=instance, **options):
        clients.append(Client(to.url, **options))
        return clients[-1]

    yield connect
    for client in clients:
        client.close()


@pytest.fixture
def raw(instance):
    """Return a function that opens a WebSocket to the shared instance by hand."""
    clients = []

    def raw(**options):
        clients.append(RawClient(instance.address, **options))
        return clients[-1]

    yield raw
    for client in clients:
        client.close()


@pytest.fixture(scope="session")
def token(behind):
    """Return a function that issues a token, by default for somebody else each time.

    Who comes back just when they are said to have left is said to be there again, which
    would be taken for what an event has led to.
    """
    strangers = count(1000)

    def token(user_id=None, lifetime=3600):
        with behind[0].app.app_context():
            return issue_token(user_id or next(strangers), lifetime)

    return token
