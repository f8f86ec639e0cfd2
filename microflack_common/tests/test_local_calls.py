"""What is asked of ``local:`` is answered by this process, in the thread that asks."""

import threading

import pytest
from flask import Flask, jsonify, request

from microflack_common import local_calls, logs
from microflack_common.config import Environment
from microflack_common.errors import ServiceUnavailable
from microflack_common.http import Client


@pytest.fixture
def served(monkeypatch):
    """Return an application that is served."""
    app = Flask("served")
    logs.init_app(app)

    @app.route("/api/echo", methods=["GET", "POST", "DELETE"])
    def echo():
        return jsonify(
            method=request.method,
            query=request.args.to_dict(),
            body=request.get_json(silent=True),
            headers=dict(request.headers),
            thread=threading.get_ident(),
        ), 201

    monkeypatch.setattr(local_calls, "_served", [])
    local_calls.serve(app.wsgi_app)
    return app


def test_a_request_is_answered_as_if_it_came_by_the_network(served):
    headers = {"Authorization": "Bearer x"}
    answer = Client("local:").post(
        "/api/echo", json={"a": "ä"}, params={"q": "1 2"}, headers=headers
    )
    told = answer.json()
    assert answer.status_code == 201 and answer.ok
    assert (told["method"], told["query"], told["body"]) == (
        "POST",
        {"q": "1 2"},
        {"a": "ä"},
    )
    assert told["headers"]["Authorization"] == "Bearer x"
    assert told["thread"] == threading.get_ident()
    assert answer.headers["content-type"] == "application/json"


def test_it_keeps_the_id_and_the_address_of_whom_it_is_asked_for(served):
    outer = Flask("outer")
    logs.init_app(outer)
    outer.add_url_rule("/ask", "ask", lambda: Client("local:").get("/api/echo").json())
    answer = outer.test_client().get(
        "/ask",
        headers={"X-Request-ID": "one-request"},
        environ_base={"REMOTE_ADDR": "192.0.2.7"},
    )
    assert answer.json["headers"]["X-Request-Id"] == "one-request"
    assert answer.json["headers"]["X-Forwarded-For"] == "192.0.2.7"
    assert answer.headers["X-Request-ID"] == "one-request"


def test_what_is_not_there_is_an_answer_too(served):
    assert Client("local:").get("/nothing").status_code == 404


def test_without_anything_served_nobody_answers(monkeypatch):
    monkeypatch.setattr(local_calls, "_served", [])
    with pytest.raises(ServiceUnavailable, match="No answer from /api/echo"):
        Client("local:").get("/api/echo")


def test_a_setting_may_say_so():
    env = Environment({"LB": "local:"})
    assert env.url("LB") == "local:"
    env.check()
