"""Calls to other services: what is repeated and what is not."""

import pytest
from flask import Flask, request

from microflack_common.errors import ServiceUnavailable
from microflack_common.http import Client
from microflack_common.testing import running


class Flaky:
    """A server that fails a number of times before it answers."""

    def __init__(self):
        self.failures = []
        self.requests = []
        self.addresses = []
        self.app = Flask("flaky")
        self.app.add_url_rule(
            "/thing", view_func=self.answer, methods=["GET", "POST", "PUT", "DELETE"]
        )

    def answer(self):
        self.addresses.append(request.headers.get("X-Forwarded-For"))
        self.requests.append((request.method, request.headers.get("X-Request-ID")))
        return ("", self.failures.pop(0)) if self.failures else ("fine", 200)


@pytest.fixture
def server():
    """Return the server that fails as told."""
    return Flaky()


@pytest.fixture
def client(server):
    """Return a client that calls it."""
    with running(server.app) as url:
        yield Client(url)


@pytest.mark.parametrize("method", ["get", "put", "delete"])
@pytest.mark.parametrize("status", [502, 503])
def test_what_is_safe_to_repeat_is_repeated(client, server, method, status):
    server.failures = [status, status]
    assert getattr(client, method)("/thing").text == "fine"
    assert len(server.requests) == 3


def test_a_post_is_sent_once(client, server):
    server.failures = [503]
    assert client.post("/thing").status_code == 503
    assert len(server.requests) == 1


@pytest.mark.parametrize("status", [400, 401, 404, 500])
def test_a_final_answer_is_not_asked_for_again(client, server, status):
    server.failures = [status]
    assert client.get("/thing").status_code == status
    assert len(server.requests) == 1


def test_a_failure_that_lasts_is_handed_on(client, server):
    server.failures = [503] * 10
    assert client.get("/thing").status_code == 503


def test_without_a_server_the_caller_is_told():
    with pytest.raises(ServiceUnavailable, match="/thing"):
        Client("http://127.0.0.1:1", retries=1).post("/thing?secret=1")


def test_the_requests_id_is_passed_on(app, client, server):
    @app.get("/")
    def relay():
        return client.get("/thing").text

    app.test_client().get("/", headers={"X-Request-ID": "request-0001"})
    assert server.requests == [("GET", "request-0001")]


def test_the_clients_address_is_passed_on(app, client, server):
    @app.get("/")
    def relay():
        return client.get("/thing").text

    app.test_client().get("/", headers={"X-Forwarded-For": "192.0.2.7"})
    assert server.addresses == ["192.0.2.7"]
