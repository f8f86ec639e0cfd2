"""Serve all logs as one stream, GET /logs, to whoever has the password.

It sends what is written from now on, after the last lines of before; n=N says how many
of those, follow=0 ends with them, raw=1 sends lines as they were written.
"""

import base64
import hmac
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import chain
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from mfplatform.logs.files import Follower, follow, merged
from mfplatform.logs.lines import Line, readable
from mfplatform.logs.shipping import shipper
from mfplatform.logs.show import (
    DEFAULT_TAIL_LINES,
    MIN_SOURCE_WIDTH,
    source_filter,
    tail,
)

LOG_FORMAT = "%(asctime)s %(levelname)s %(message)s"
MAX_TAIL_LINES = 100_000
LOOK_SECONDS = 1
# What stops last has just said its last words.
LAST_WORDS_SECONDS = 0.2
# What is sent elsewhere may take so long at the end.
LAST_SENDING_SECONDS = 5


class LogServer(ThreadingHTTPServer):
    """The server of /logs, and its password."""

    daemon_threads = True

    def __init__(self, address: tuple[str, int], folder: Path, password: str) -> None:
        super().__init__(address, LogHandler)
        self.folder = folder
        pair = base64.b64encode(f"admin:{password}".encode()).decode()
        self.authorization = f"Basic {pair}"


class LogHandler(BaseHTTPRequestHandler):
    """Answers one request."""

    server: LogServer
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Serve the stream to whoever has the password."""
        parts = urlsplit(self.path)
        if parts.path == "/healthz":
            self._answer(200, "ok\n")
        elif parts.path != "/logs":
            self._answer(404, "There is nothing at this address.\n")
        elif not self._has_password():
            self._answer(401, "A user name and a password are needed.\n")
        else:
            self._stream(parse_qs(parts.query))

    def _has_password(self) -> bool:
        given = self.headers.get("Authorization", "")
        return hmac.compare_digest(given.encode(), self.server.authorization.encode())

    def _answer(self, status: int, text: str) -> None:
        self.send_response(status)
        if status == 401:
            self.send_header("WWW-Authenticate", 'Basic realm="MicroFlack"')
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())

    def _stream(self, query: dict[str, list[str]]) -> None:
        number = query.get("n", [str(DEFAULT_TAIL_LINES)])[0]
        if not (number.isascii() and number.isdigit()) or int(number) > MAX_TAIL_LINES:
            self._answer(400, f"n must be a number up to {MAX_TAIL_LINES}.\n")
            return
        self.send_response(200)
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        self.send_header("Cache-Control", "no-store")
        # It ends when the connection does.
        self.send_header("Connection", "close")
        self.end_headers()
        raw = query.get("raw") == ["1"]
        for line in self._lines(int(number), query.get("follow") != ["0"]):
            text = line.text if raw else _format(line)
            self.wfile.write(f"{text}\n".encode())

    def _lines(self, number: int, go_on: bool) -> Iterator[Line]:
        folder = self.server.folder
        followers = [Follower(file) for file in sorted(folder.glob("*.log"))]
        past = tail(merged(followers, not go_on), number)
        if not go_on:
            return iter(past)
        return chain(past, follow(folder, source_filter(None), followers))

    def log_message(self, *_arguments: object) -> None:
        """Leave out the access line: it would be served as well."""

    def handle(self) -> None:
        """Answer; a reader that has seen enough is no error."""
        try:
            super().handle()
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True


def _format(line: Line) -> str:
    return f"{line.source:<{MIN_SOURCE_WIDTH}} | {readable(line.text)}"


def serve(folder: Path, every_second: Callable[[], None] = lambda: None) -> None:
    """Serve the logs of a folder, and send them to where they are to go, until SIGTERM.

    The environment says where it listens (LOGS_ADDRESS), and what the password is.
    """
    host, _, port = os.environ["LOGS_ADDRESS"].rpartition(":")
    server = LogServer((host, int(port)), folder, os.environ["LOGS_PASSWORD"])
    threading.Thread(target=server.serve_forever, daemon=True).start()
    ended, sent = threading.Event(), threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: ended.set())
    sending = shipper.start(folder, sent)
    while not ended.wait(LOOK_SECONDS):
        every_second()
    time.sleep(LAST_WORDS_SECONDS)
    every_second()
    sent.set()
    if sending is not None:
        sending.join(LAST_SENDING_SECONDS)
