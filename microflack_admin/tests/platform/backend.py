"""A small service to route to: it tells its name, and can be slow, fail or upgrade."""

import json
import threading
import time
from collections.abc import Mapping
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import requests
from daemons import wait_for


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    backend: "Backend"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Accept that clients go away: health checks do."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_GET(self) -> None:
        backend = self.server.backend
        if self.path == "/healthz":
            time.sleep(backend.health_takes)
            backend.health_checks += 1
            self.send(200 if backend.healthy else 500, "health")
            return
        backend.requests += 1
        if answer := backend.answers.get(self.path):
            self.send(*answer)
            return
        if backend.full and "sid=" not in self.path:
            self.send(503, "full")
            return
        match self.path.rsplit("/", 1)[-1]:
            case "websocket":
                self.echo()
            case "wait":
                backend.waiting += 1
                backend.release.wait(300)
                self.send(200, backend.name)
            case "without-length":
                self.begin("begun, ")
                backend.waiting += 1
                backend.release.wait(300)
                self.wfile.write(backend.name.encode())
            case "headers":
                self.send(200, json.dumps(dict(self.headers)))
            case "hang-up":
                self.close_connection = True
            case _:
                self.send(200, backend.name)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.backend.requests += 1
        if answer := self.server.backend.answers.get(self.path):
            self.send(*answer)
        elif self.path.endswith("/hang-up"):
            self.close_connection = True
        else:
            self.send(201, f"{self.server.backend.name} {len(body)}")

    def do_PUT(self) -> None:
        self.do_POST()

    def send(
        self, status: int, text: str, headers: Mapping[str, str] | None = None
    ) -> None:
        body = text.encode()
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def begin(self, text: str) -> None:
        """Begin an answer that ends with its connection."""
        self.close_connection = True
        self.send_response(200)
        self.end_headers()
        self.wfile.write(text.encode())

    def echo(self) -> None:
        self.send_response(101)
        self.send_header("Upgrade", "websocket")
        self.send_header("Connection", "Upgrade")
        # What RFC 6455 says to answer to the key of its example.
        self.send_header("Sec-WebSocket-Accept", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
        self.end_headers()
        self.close_connection = True
        name = self.server.backend.name.encode()
        while data := self.connection.recv(100):
            self.connection.sendall(name + b":" + data)

    def log_message(self, *arguments: Any) -> None:
        """Keep the test's output clean."""


class Backend:
    """An HTTP server in a thread of its own; ``name`` is what it answers."""

    def __init__(self, name: str, port: int = 0) -> None:
        self.name = name
        self.healthy = True
        self.health_takes = 0.0
        self.health_checks = 0
        # By path: what it answers there: status, body, and headers if there are any.
        self.answers: dict[str, tuple[Any, ...]] = {}
        # When set, it refuses clients that are not there yet.
        self.full = False
        # Requests for .../wait are answered once this is set.
        self.release = threading.Event()
        self.requests = 0
        self.waiting = 0
        self._server = _Server(("127.0.0.1", port), _Handler)
        self._server.backend = self
        # It looks this often (in seconds) whether it is told to stop.
        serve = partial(self._server.serve_forever, poll_interval=0.02)
        self._thread = threading.Thread(target=serve, daemon=True)
        self._thread.start()

    @property
    def address(self) -> str:
        """Return HOST:PORT."""
        return f"127.0.0.1:{self._server.server_port}"

    def close(self) -> None:
        """Stop listening."""
        self.release.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class Load:
    """Clients that send requests without a pause and remember what went wrong."""

    def __init__(self, url: str, clients: int = 4) -> None:
        self.done = 0
        self.failures: list[str] = []
        self._url = url
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._run) for _ in range(clients)]

    def __enter__(self) -> "Load":
        for thread in self._threads:
            thread.start()
        wait_for(lambda: self.done > len(self._threads))
        return self

    def __exit__(self, *error: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _run(self) -> None:
        with requests.Session() as session:
            while not self._stop.is_set():
                try:
                    answer = session.post(self._url, data=b"x", timeout=60)
                    if answer.status_code != 201:
                        self.failures.append(f"{answer.status_code} {answer.text}")
                except requests.RequestException as error:
                    self.failures.append(repr(error))
                self.done += 1
