"""Fixtures: the service, with an empty database, beside a small users service."""

import os
import time

import pytest
from flask import Flask, jsonify, request
from sqlalchemy import delete, text

from microflack_common.testing import SECRET, FakeRegistry, basic, running
from microflack_tokens.app import create_app
from microflack_tokens.config import Config
from microflack_tokens.models import Ended, Session, StoredCut, db

SERVICE_KEY = "a key that a few services share!"


class Users:
    """A small users service: who may sign in, and how it answers otherwise."""

    def __init__(self):
        self.app = Flask("users")
        self.app.add_url_rule("/api/users/me", view_func=self.me)
        self.reset()

    def reset(self):
        """Forget all that a test has told it."""
        self.known = {("ada", "lovelace"): 7, ("bob", "builder"): 8}
        self.failure = None
        self.failures = 0
        self.seconds = 0.0
        self.request_ids = []
        self.meanwhile = lambda: None

    def me(self):
        self.request_ids.append(request.headers.get("X-Request-ID"))
        time.sleep(self.seconds)
        if self.failures:
            self.failures -= 1
            return self.failure
        given = request.authorization
        user_id = self.known.get((given.username, given.password))
        if user_id is None:
            return jsonify(error="Wrong nickname or password."), 401
        self.meanwhile()
        return jsonify(id=user_id, nickname=given.username)


@pytest.fixture(scope="session")
def load_balancer():
    """Return the users service and the URL of the load balancer in front of it."""
    users = Users()
    with running(users.app) as url:
        yield users, url


@pytest.fixture
def users(load_balancer):
    """Return the users service, which can be told to fail."""
    load_balancer[0].reset()
    return load_balancer[0]


@pytest.fixture(scope="module")
def settings(load_balancer, tmp_path_factory):
    """Return settings for a new SQLite file, or for the server that is given."""
    file = tmp_path_factory.mktemp("database") / "tokens.db"
    url = os.environ.get("TEST_DATABASE_URL", f"sqlite:///{file}")
    return {
        "DATABASE_URL": url,
        "JWT_SECRET_KEY": SECRET,
        "SERVICE_KEY": SERVICE_KEY,
        "LB": load_balancer[1],
    }


@pytest.fixture(scope="module")
def registry():
    """Return a registry in memory."""
    return FakeRegistry()


@pytest.fixture(scope="module")
def migrated(settings, registry):
    """Return an application with its tables, which are gone after the module."""
    app = create_app(Config(settings), registry)
    yield app
    with app.app_context():
        db.drop_all()
        db.session.execute(text("DROP TABLE alembic_version"))
        db.session.commit()
        db.engine.dispose()


@pytest.fixture
def app(migrated, users, registry):
    """Return the application; it forgets all sessions after each test."""
    # It begins to tell what was ended with its first request.
    migrated.test_client().get("/healthz")
    assert registry.wait_for("/revocations/complete")
    yield migrated
    registry.away = False
    with migrated.app_context(), db.engine.begin() as connection:
        for model in (Session, Ended, StoredCut):
            connection.execute(delete(model))


@pytest.fixture
def client(app):
    """Return a client of the application that keeps no cookies."""
    return app.test_client(use_cookies=False)


@pytest.fixture
def sign_in(client):
    """Return a function that signs somebody in and returns the answer."""

    def sign_in(nickname="ada", password="lovelace", **headers):
        answer = client.post("/api/tokens", headers=basic(nickname, password) | headers)
        assert answer.status_code == 200, answer.json
        return answer.json

    return sign_in
