"""Endpoints that take files: what they take, and what is still refused."""

import io
import os
import socket
import subprocess
import sys
import time

import pytest
from flask import abort, request
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from microflack_common import uploads
from microflack_common.errors import MAX_CONTENT_BYTES
from microflack_common.serve import answers_ready
from microflack_common.testing import free_port

MOST = 2 * 2**20
HEAD = b"POST /files HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
APP = """
from flask import Flask, abort
from microflack_common import errors, health, logs, uploads

def create_app():
    app = Flask("microflack_small")
    logs.init_app(app); errors.init_app(app); health.init_app(app, {})
    uploads.accept(app, "take", 30_000_000)
    @app.post("/files")
    def take():
        abort(403)
    return app
"""


@pytest.fixture
def client(app):
    """Return a client of a service that takes files at one of its endpoints."""

    @app.post("/files")
    def take():
        if "refused" in request.args:
            abort(403)
        pieces = iter(lambda: request.stream.read(65536), b"")
        return {"bytes": sum(map(len, pieces))}

    @app.get("/files")
    def index():
        return {}

    @app.post("/notes")
    def note():
        return {}

    uploads.accept(app, "take", MOST)
    return app.test_client()


@pytest.fixture(scope="module")
def port(tmp_path_factory):
    """Return the port of an instance that takes files and refuses each."""
    folder = tmp_path_factory.mktemp("small")
    (folder / "small.py").write_text(APP)
    port = free_port()
    settings = os.environ | {"SERVICE_ADDRESS": f"127.0.0.1:{port}"}
    config = ["--config", "python:microflack_common.serve", "small:create_app()"]
    command = [sys.executable, "-m", "gunicorn", *config]
    process = subprocess.Popen(command, cwd=folder, env=settings)
    while not answers_ready(f"127.0.0.1:{port}"):
        assert process.poll() is None, "it ended"
        time.sleep(0.05)
    yield port
    process.terminate()
    process.wait()


def send(client, size, path="/files"):
    # Flask's client would leave a file of its own open.
    file = FileStorage(io.BytesIO(b"x" * size), filename="a.bin")
    boundary, body = encode_multipart({"file": file})
    kind = f'multipart/form-data; boundary="{boundary}"'
    return client.post(path, data=body, content_type=kind)


def test_it_takes_more_than_all_others(client):
    size = 4 * MAX_CONTENT_BYTES
    assert send(client, size).json["bytes"] > size
    assert send(client, size, "/notes").status_code == 413


def test_what_is_no_form_of_files_is_refused_there_and_only_there(client):
    answer = client.post("/files", json={})
    assert answer.status_code == 415
    assert "multipart/form-data" in answer.json["error"]
    assert send(client, 10, "/notes").status_code == 415
    assert client.post("/notes", json={}).status_code == 200
    assert client.get("/files").status_code == 200


def test_more_than_it_takes_is_refused(client):
    answer = send(client, MOST)
    assert answer.status_code == 413
    assert str(MOST) in answer.json["error"]


def test_what_comes_in_chunks_ends_at_the_limit(client):
    body = io.BytesIO(
        b'--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'
        + b"x" * MOST
        + b"\r\n--b--\r\n"
    )
    answer = client.post(
        "/files",
        input_stream=body,
        content_type="multipart/form-data; boundary=b",
        headers={"Transfer-Encoding": "chunked"},
        environ_overrides={"wsgi.input_terminated": True},
    )
    assert answer.status_code == 413


@pytest.mark.parametrize("size", [20_000_000, 40_000_000])
def test_who_is_refused_gets_the_answer_while_sending(port, size):
    kind = b"Content-Type: multipart/form-data; boundary=b\r\n"
    length = b"Content-Length: %d\r\n\r\n" % size
    with socket.create_connection(("127.0.0.1", port), 60) as connection:
        connection.sendall(HEAD + kind + length)
        for _ in range(100):
            connection.sendall(b"x" * 100_000)
        connection.shutdown(socket.SHUT_WR)
        answer = b"".join(iter(lambda: connection.recv(65536), b""))
    assert answer.startswith(b"HTTP/1.1 403 " if size < 30e6 else b"HTTP/1.1 413 ")
