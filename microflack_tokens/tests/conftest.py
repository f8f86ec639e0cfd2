"""Fixtures: the service beside a users service that knows one user."""

import time

import pytest
from flask import Flask, jsonify, request

from microflack_common.testing import SECRET, FakeRegistry, running
from microflack_tokens.app import create_app
from microflack_tokens.config import Config


class Users:
    """A small users service: who may sign in, and how it answers otherwise."""

    def __init__(self):
        self.known = {("ada", "lovelace"): 7}
        self.failure = None
        self.failures = 0
        self.seconds = 0.0
        self.request_ids = []
        self.app = Flask("users")
        self.app.add_url_rule("/api/users/me", view_func=self.me)

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
        return jsonify(id=user_id, nickname=given.username)


@pytest.fixture
def users():
    """Return the users service, which can be told to fail."""
    return Users()


@pytest.fixture
def registry():
    """Return a registry in memory."""
    return FakeRegistry()


@pytest.fixture
def app(users, registry):
    """Return the application, with the users service behind its load balancer."""
    with running(users.app) as url:
        yield create_app(Config({"LB": url, "JWT_SECRET_KEY": SECRET}), registry)


@pytest.fixture
def client(app):
    """Return a client of the application."""
    return app.test_client()
