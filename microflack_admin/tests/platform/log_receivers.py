"""Stand-ins for who is sent logs: Elasticsearch's bulk interface, and syslog."""

import json
import socket
import socketserver
import ssl
import threading
from collections.abc import Callable
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from mfplatform.logs.shipping.queue import LogQueue
from mfplatform.logs.shipping.reading import Entry

# What a whole request is answered in each mood; the last is what a proxy says.
WHOLE = {
    "429": (429, {"error": {"type": "circuit_breaking_exception", "reason": "full"}}),
    "401": (401, {"error": {"type": "security_exception", "reason": "who?"}}),
    "502": (502, None),
}


def _with_tls(listening: socket.socket, certificate: Path | None) -> socket.socket:
    if certificate is None:
        return listening
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context.wrap_socket(listening, server_side=True)


def _end(connections: list[socket.socket]) -> None:
    for connection in connections:
        with suppress(OSError):
            connection.shutdown(socket.SHUT_RDWR)


class Bulk(ThreadingHTTPServer):
    """Speaks `_bulk` as Elasticsearch does, in the mood that it is in.

    :ivar mood: "takes"; "cuts": takes a request and ends the connection; one of
        WHOLE; or a status that each second document is answered.
    :ivar documents: what it has, by index and id.
    :ivar created: how many it was to create that it did not have.
    """

    daemon_threads = True

    def __init__(
        self, port: int = 0, mood: str = "takes", certificate: Path | None = None
    ) -> None:
        self.mood = mood
        self.documents: dict[tuple[str, str], dict[str, Any]] = {}
        self.authorizations: set[str] = set()
        # What it can never take.
        self.refuses: Callable[[dict[str, Any]], bool] = lambda _document: False
        self.asked = 0
        self.connections: list[socket.socket] = []
        super().__init__(("127.0.0.1", port), _BulkHandler)
        self.socket = _with_tls(self.socket, certificate)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def create(self, number: int, action: dict[str, str], document: Any) -> int:
        """Return the status of one document."""
        key = action["_index"], action["_id"]
        if key in self.documents:
            return 409
        if self.mood.isdigit() and number % 2:
            return int(self.mood)
        if self.refuses(document):
            return 400
        self.documents[key] = document
        return 201

    def messages(self) -> list[str]:
        """Return the messages of all documents."""
        return [found["message"] for found in list(self.documents.values())]

    def stop(self) -> None:
        """Refuse connections from now on, and end those that there are."""
        self.shutdown()
        self.server_close()
        _end(self.connections)


class _BulkHandler(BaseHTTPRequestHandler):
    server: Bulk
    protocol_version = "HTTP/1.1"

    def setup(self) -> None:
        super().setup()
        self.server.connections.append(self.connection)

    def do_POST(self) -> None:
        server, mood = self.server, self.server.mood
        server.asked += 1
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        server.authorizations.add(self.headers.get("Authorization", ""))
        if mood in WHOLE:
            self._answer(*WHOLE[mood])
            return
        lines = [json.loads(line) for line in body.split("\n") if line]
        items = []
        for number, line in enumerate(lines[::2]):
            status = server.create(number, line["create"], lines[2 * number + 1])
            reason = {"type": f"a_{status}_exception", "reason": "so it is"}
            error = {"error": reason} if status >= 400 else {}
            items.append({"create": {**line["create"], "status": status, **error}})
        if mood == "cuts":
            self.close_connection = True
            return
        self._answer(200, {"took": 1, "errors": False, "items": items})

    def _answer(self, status: int, answer: dict[str, Any] | None) -> None:
        text = "<html>Bad gateway</html>" if answer is None else json.dumps(answer)
        self.send_response(status)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_arguments: object) -> None:
        """Say nothing."""


class SyslogServer(socketserver.ThreadingTCPServer):
    """Keeps the lines that come."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, port: int = 0, certificate: Path | None = None) -> None:
        self.lines: list[str] = []
        self.connections: list[socket.socket] = []
        super().__init__(("127.0.0.1", port), _SyslogHandler)
        self.socket = _with_tls(self.socket, certificate)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def stop(self) -> None:
        """Refuse connections from now on, and end those that there are."""
        self.shutdown()
        self.server_close()
        _end(self.connections)


class _SyslogHandler(socketserver.StreamRequestHandler):
    server: SyslogServer

    def handle(self) -> None:
        self.server.connections.append(self.connection)
        for line in self.rfile:
            self.server.lines.append(line.decode().rstrip("\n"))


def waiting(logs: Path) -> list[Entry]:
    """Return the lines of a folder of logs that wait to be sent."""
    queue = LogQueue(logs)
    queue.scan()
    return queue.batch(1000, 1_000_000)
