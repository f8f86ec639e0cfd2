"""Health, readiness and metrics."""

import threading

import pytest
from flask import Flask

from microflack_common import errors, health, logs
from microflack_common.health import Activity


@pytest.fixture
def broken():
    """Return the names of the dependencies that do not answer."""
    return set()


@pytest.fixture
def client(broken):
    """Return a client of a service with two dependencies."""
    app = Flask("microflack_small")
    logs.init_app(app)
    errors.init_app(app)

    def check(name):
        if name in broken:
            raise ConnectionError("password=hunter2")

    health.init_app(
        app, {"database": lambda: check("database"), "queue": lambda: check("queue")}
    )
    app.add_url_rule("/hello", "hello", lambda: "hello")
    return app.test_client()


def test_a_service_whose_dependencies_answer_is_ready(client):
    assert client.get("/readyz").status_code == 200


def test_a_service_without_a_dependency_says_which(client, broken):
    broken.add("queue")
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert "queue" in answer.json["error"]
    assert "database" not in answer.json["error"]
    assert "hunter2" not in answer.text


def test_a_service_without_its_dependencies_is_alive(client, broken):
    broken.update({"queue", "database"})
    assert client.get("/healthz").status_code == 200


def test_metrics_count_requests_by_endpoint_and_status(client):
    client.get("/hello")
    client.get("/hello")
    client.get("/nothing")
    text = client.get("/metrics").text
    counted = 'http_requests_total{endpoint="%s",method="GET",status="%s"} %s'
    assert counted % ("hello", 200, "2.0") in text
    assert counted % ("none", 404, "1.0") in text
    assert 'http_request_duration_seconds_count{endpoint="hello"} 2.0' in text


def test_methods_that_are_made_up_are_counted_as_one(client):
    for number in range(5):
        client.open("/hello", method=f"ZZ{number}")
    text = client.get("/metrics").text
    assert 'method="other",status="405"} 5.0' in text
    assert "ZZ" not in text


def test_a_gauge_shows_what_a_function_returns(client):
    values = [3, 5]
    health.add_gauge(client.application, "guests", "Who is here", values.pop)
    assert "guests 5.0" in client.get("/metrics").text
    assert "guests 3.0" in client.get("/metrics").text


def test_an_idle_service_is_quiet_at_once():
    activity = Activity()
    assert activity.wait_until_quiet(quiet=0, timeout=60)


def test_a_service_at_work_is_not_quiet_until_it_has_answered():
    activity = Activity()
    activity.begin()
    assert not activity.wait_until_quiet(quiet=0, timeout=0.05)
    done = threading.Timer(0.05, activity.end)
    done.start()
    assert activity.wait_until_quiet(quiet=0.01, timeout=60)
    done.join()
