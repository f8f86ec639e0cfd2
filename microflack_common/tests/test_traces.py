"""Traces: what an instance tells a real receiver of its requests."""

import json
import os
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests
from waiting import wait_for

from microflack_common.serve import answers_ready
from microflack_common.testing_server import free_port
from microflack_common.testing_traces import trace_receiver

HERE = Path(__file__).parent
PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
# A word that nobody but the service may see.
SECRET = "a-very-secret-word"


@contextmanager
def instance(log, **settings):
    """Run the small service by Gunicorn, as all services are; yields its URL."""
    address = f"127.0.0.1:{free_port()}"
    command = [sys.executable, "-m", "gunicorn", "traced_service:app"]
    command += ["--config", "python:microflack_common.serve"]
    environment = os.environ | {"SERVICE_ADDRESS": address} | settings
    with open(log, "wb") as out:
        process = subprocess.Popen(command, cwd=HERE, env=environment, stdout=out)
    try:
        wait_for(lambda: answers_ready(address))
        yield f"http://{address}"
    finally:
        process.terminate()
        process.wait()


def lines(log):
    found = [json.loads(line) for line in log.read_text().splitlines()]
    return [one for one in found if one["message"] == "asked"]


@pytest.fixture(scope="module")
def log(tmp_path_factory):
    return tmp_path_factory.mktemp("traces") / "log"


@pytest.fixture(scope="module")
def receiver():
    with trace_receiver() as receiver:
        yield receiver


@pytest.fixture(scope="module")
def url(receiver, log):
    """Return the URL of an instance whose requests are told to the receiver."""
    told = {"OTEL_EXPORTER_OTLP_ENDPOINT": receiver.url, "SERVICE_NAME": "small"}
    with instance(log, **told) as url:
        yield url


@pytest.fixture(scope="module")
def asked(url, receiver):
    """Return the spans of one request, and what the other service was sent."""
    headers = {"traceparent": PARENT, "X-Request-ID": "the-request-1"}
    told = requests.get(f"{url}/api/ask/{SECRET}?q={SECRET}", headers=headers).json()
    spans = receiver.wait_for(
        lambda spans: (
            {"GET /api/answer", "GET /api/ask/<word>", "later"}
            <= {one.name for one in spans}
        )
    )
    return {
        one.name if one.kind != "CLIENT" else f"> {one.name}": one for one in spans
    }, told


def test_a_request_goes_on_with_the_trace_of_who_asks(asked):
    spans, told = asked
    request = spans["GET /api/ask/<word>"]
    assert (request.service, request.kind) == ("small", "SERVER")
    assert f"00-{request.trace_id}-{request.parent_id}-01" == PARENT
    assert request.attributes["http.response.status_code"] == "200"
    call, answer = spans["> GET"], spans["GET /api/answer"]
    assert call.parent_id == request.span_id
    assert (answer.trace_id, answer.parent_id) == (request.trace_id, call.span_id)
    assert told["Traceparent"] == f"00-{call.trace_id}-{call.span_id}-01"


def test_every_span_names_its_request(asked):
    spans, _ = asked
    assert {one.attributes["request.id"] for one in spans.values()} == {"the-request-1"}


def test_what_the_database_was_asked_is_told_without_the_values(asked, receiver):
    spans, _ = asked
    assert spans["> SELECT"].parent_id == spans["write"].span_id
    assert spans["> SELECT"].attributes["db.system.name"] == "sqlite"
    assert b"SELECT ?" in receiver.bodies
    assert SECRET.encode() not in receiver.bodies


def test_what_is_done_later_is_a_trace_of_its_own_and_linked(asked):
    spans, _ = asked
    request, later = spans["GET /api/ask/<word>"], spans["later"]
    assert later.trace_id != request.trace_id
    assert later.links == [request.trace_id]
    assert spans["write"].links == [request.trace_id]


def test_lines_of_the_log_name_the_trace(asked, log):
    (line,) = lines(log)
    assert line["trace_id"] == PARENT.split("-")[1]


def test_what_fails_is_marked_and_not_told_in_words(url, receiver):
    assert requests.get(f"{url}/api/fail").status_code == 500
    spans = receiver.wait_for(lambda spans: sum(one.failed for one in spans) > 1)
    failed = {one.name: one.attributes["error.type"] for one in spans if one.failed}
    assert failed == {"GET /api/fail": "500", "SELECT": "OperationalError"}
    assert b"no such table" not in receiver.bodies


def test_a_receiver_that_is_away_costs_spans_and_nothing_else(tmp_path):
    port, log = free_port(), tmp_path / "log"
    away = f"http://127.0.0.1:{port}"
    settings = {"OTEL_EXPORTER_OTLP_ENDPOINT": away, "OTEL_EXPORTER_OTLP_TIMEOUT": "1"}
    with instance(log, **settings) as url:
        requests.get(f"{url}/api/ask/word").raise_for_status()
        wait_for(
            lambda: "\ntraces_lost_spans 0.0" not in requests.get(f"{url}/metrics").text
        )
        requests.get(f"{url}/api/ask/word").raise_for_status()
        with trace_receiver(port) as receiver:
            receiver.wait_for(bool)
            wait_for(lambda: "Traces are taken again" in log.read_text())
    assert log.read_text().count("Traces are lost") == 1
    assert "Traceback" not in log.read_text()


def test_without_a_receiver_nothing_is_loaded_or_told():
    program = (
        "import sys; from microflack_common import serve; serve.pre_fork(None, None); "
    )
    program += (
        "import redis, traced_service as service; c = service.app.test_client(); "
    )
    program += "assert c.get('/api/answer').status_code == 200; "
    program += "print([name for name in sys.modules if 'opentelemetry.' in name])"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=HERE, capture_output=True, text=True
    )
    assert done.stdout.splitlines()[-1] == "[]", done.stderr


def test_an_address_that_is_none_is_refused_with_the_reason():
    environment = os.environ | {"OTEL_EXPORTER_OTLP_ENDPOINT": "collector:4318"}
    done = subprocess.run(
        [sys.executable, "-c", "import traced_service"],
        cwd=HERE,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert "OTEL_EXPORTER_OTLP_ENDPOINT must be a URL" in done.stderr
