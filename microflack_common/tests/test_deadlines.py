"""Clients that are slow, and requests that Gunicorn refuses: with a real Gunicorn."""

import json
import os
import select
import socket
import subprocess
import sys
import time
from contextlib import ExitStack, contextmanager, suppress

import pytest

from microflack_common.testing import free_port

APP = """
import os
from flask import Flask, abort, request
from microflack_common import deadlines, errors, health, logs

deadlines.BODY_SECONDS = float(os.environ["BODY_SECONDS"])
deadlines.ANSWER_SECONDS = 2.0

def create_app():
    app = Flask("microflack_small")
    logs.init_app(app); errors.init_app(app); health.init_app(app, {})
    app.add_url_rule("/large", "large", lambda: b"x" * 50_000_000)
    @app.post("/refused")
    def refused():
        abort(401)
    @app.post("/body")
    def body():
        return {"bytes": len(request.get_data())}
    return app
"""
# More than the threads of an instance.
MANY = 12
JSON = b"Content-Type: application/json\r\n"


@pytest.fixture(scope="module", params=["serve", "serve_async"])
def port(request, tmp_path_factory):
    """Return the port of a running instance, with each of the settings."""
    with running(request.param, tmp_path_factory.mktemp("small"), 2.0) as port:
        yield port


@pytest.fixture(scope="module", params=["serve", "serve_async"])
def patient(request, tmp_path_factory):
    """Return the port of one that waits for bodies as long as anybody could need."""
    with running(request.param, tmp_path_factory.mktemp("small"), 600.0) as port:
        yield port


@contextmanager
def running(config, folder, body_seconds):
    """Run an instance with these of the wheel's settings for Gunicorn."""
    (folder / "small.py").write_text(APP)
    port = free_port()
    settings = {
        "SERVICE_ADDRESS": f"127.0.0.1:{port}",
        # The one mode that needs no further package.
        "ASYNC_MODE": "threading",
        "BODY_SECONDS": str(body_seconds),
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "--config",
         f"python:microflack_common.{config}", "small:create_app()"],
        cwd=folder, env=os.environ | settings, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    while not healthy(port):
        assert process.poll() is None, "it ended"
        time.sleep(0.05)
    yield port
    process.terminate()
    process.wait()


@pytest.fixture
def threaded(port, request):
    """Return the port of an instance that has few threads."""
    if request.node.callspec.params["port"] != "serve":
        pytest.skip("a connection has a thread of its own there")
    return port


def connect(port):
    return socket.create_connection(("127.0.0.1", port), timeout=60)


def ask(port, data):
    """Send bytes and return all that is answered."""
    with connect(port) as connection:
        connection.sendall(data)
        return received(connection)


def received(connection):
    return b"".join(iter(lambda: connection.recv(65536), b""))


def healthy(port):
    with suppress(OSError):
        return b" 200 " in ask(port, get("/healthz"))
    return False


def get(path, headers=b""):
    head = b"GET %b HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" % path.encode()
    return head + headers + b"\r\n"


def post(length, path=b"/body", headers=b""):
    head = b"POST %b HTTP/1.1\r\nHost: x\r\n%bContent-Length: %d\r\n\r\n"
    return head % (path, JSON + headers, length)


def test_a_body_that_comes_too_slowly_is_given_up(threaded):
    with connect(threaded) as connection:
        connection.sendall(post(1000) + b"{")
        answer = received(connection)
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert b'{"error":"The request took too long to arrive."}' in answer


def test_bodies_that_come_slowly_do_not_stop_a_service(threaded):
    with ExitStack() as stack:
        slow = [stack.enter_context(connect(threaded)) for _ in range(MANY)]
        for connection in slow:
            connection.sendall(post(1000) + b"{")
        for _ in range(20):
            # One byte now and then is no reason to wait for longer.
            for connection in slow:
                with suppress(OSError):
                    connection.sendall(b" ")
            time.sleep(0.05)
        assert healthy(threaded)


def test_a_body_that_is_refused_is_not_waited_for(threaded):
    began = time.monotonic()
    with connect(threaded) as connection:
        connection.sendall(post(16_000_000) + b"{")
        assert connection.recv(100).startswith(b"HTTP/1.1 413 ")
    # The test of what the thread does; the time that it may take is two seconds.
    assert time.monotonic() - began < 30


@pytest.mark.parametrize(
    ("path", "status"), [(b"/body", b"413"), (b"/refused", b"401"), (b"/no", b"404")]
)
def test_who_is_refused_can_send_to_the_end_and_is_answered(patient, path, status):
    length = 2_000_000 if status == b"413" else 200_000
    with connect(patient) as connection:
        connection.sendall(post(length, path, b"Connection: close\r\n"))
        connection.sendall(b" " * 50_000)
        # An answer would come now, and the end of the connection with it.
        assert not select.select([connection], [], [], 0.5)[0]
        connection.sendall(b" " * (length - 50_000))
        assert received(connection).startswith(b"HTTP/1.1 %b " % status)


def test_a_whole_body_is_read_however_large(threaded):
    answer = ask(threaded, post(200_000) + b" " * 200_000 + get("/healthz"))
    assert b'{"bytes":200000}' in answer


def test_answers_that_nobody_reads_do_not_stop_a_service(threaded):
    with ExitStack() as stack:
        for _ in range(MANY):
            connection = stack.enter_context(connect(threaded))
            connection.sendall(get("/large"))
        assert healthy(threaded)


@pytest.mark.parametrize(
    ("request_bytes", "status"),
    [
        (get("/" + "a" * 5000), 414),
        (get("/", b"X: %b\r\n" % (b"a" * 20_000)), 431),
        (get("/", b"Expect: foo\r\n"), 417),
        (get("/", b"Bad Header\r\n"), 400),
        (b"nonsense\r\n\r\n", 400),
    ],
    ids=lambda value: str(value)[:20],
)
def test_what_gunicorn_refuses_is_answered_in_json(port, request_bytes, status):
    head, _, body = ask(port, request_bytes).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 %d " % status)
    assert b"Content-Type: application/json" in head
    assert list(json.loads(body)) == ["error"]
