"""Gather the logs of a platform's containers, and serve them as one stream.

python -m mfplatform.logs.collector

GET /logs sends what is written from now on, after the last lines of before; n=N says
how many of those, follow=0 ends with them, raw=1 sends lines as they were written.
"""

import base64
import hmac
import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import chain
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from mfplatform.logs.engine_client import Engine, Gatherer
from mfplatform.logs.files import Follower, growing, merged
from mfplatform.logs.lines import Line, readable
from mfplatform.logs.log_folder import Store
from mfplatform.logs.show import RECENT, last, selection

FOLDER = Path("/var/log/microflack")
SOCKET = Path("/run/docker.sock")
MOST_LINES = 100_000
# As in mflogs.
WIDTH = 9


class Server(ThreadingHTTPServer):
    """The server of /logs, and its password."""

    daemon_threads = True

    def __init__(self, address: tuple[str, int], folder: Path, password: str) -> None:
        super().__init__(address, Handler)
        self.folder = folder
        pair = base64.b64encode(f"admin:{password}".encode()).decode()
        self.authorization = f"Basic {pair}"


class Handler(BaseHTTPRequestHandler):
    """Answers one request."""

    server: Server
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Serve the stream to whoever has the password."""
        parts = urlsplit(self.path)
        if parts.path == "/healthz":
            self._plain(200, "ok\n")
        elif parts.path != "/logs":
            self._plain(404, "There is nothing at this address.\n")
        elif not self._allowed():
            self._plain(401, "A user name and a password are needed.\n")
        else:
            self._stream(parse_qs(parts.query))

    def _allowed(self) -> bool:
        given = self.headers.get("Authorization", "")
        return hmac.compare_digest(given.encode(), self.server.authorization.encode())

    def _plain(self, status: int, text: str) -> None:
        self.send_response(status)
        if status == 401:
            self.send_header("WWW-Authenticate", 'Basic realm="MicroFlack"')
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())

    def _stream(self, query: dict[str, list[str]]) -> None:
        number = query.get("n", [str(RECENT)])[0]
        if not (number.isascii() and number.isdigit()) or int(number) > MOST_LINES:
            self._plain(400, f"n must be a number up to {MOST_LINES}.\n")
            return
        self.send_response(200)
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        self.send_header("Cache-Control", "no-store")
        # It ends when the connection does.
        self.send_header("Connection", "close")
        self.end_headers()
        raw = query.get("raw") == ["1"]
        for line in self._lines(int(number), query.get("follow") != ["0"]):
            text = (
                line.text if raw else f"{line.source:<{WIDTH}} | {readable(line.text)}"
            )
            self.wfile.write(f"{text}\n".encode())

    def _lines(self, number: int, follow: bool) -> Iterator[Line]:
        folder = self.server.folder
        followers = [Follower(file) for file in sorted(folder.glob("*.log"))]
        past = last(merged(followers), number)
        if not follow:
            return iter(past)
        return chain(past, growing(folder, selection(None), followers))

    def log_message(self, *_arguments: object) -> None:
        """Leave out the access line: it would be served as well."""

    def handle(self) -> None:
        """Answer; a reader that has seen enough is no error."""
        try:
            super().handle()
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True


def main() -> int:
    """Gather and serve until told to end."""
    logging.basicConfig(format="%(asctime)s %(message)s", stream=sys.stdout)
    os.umask(0o077)
    platform = os.environ["MF_PLATFORM"]
    host, _, port = os.environ["LOGS_ADDRESS"].rpartition(":")
    store = Store(FOLDER)
    engine = Engine(SOCKET, platform)
    gatherer = Gatherer(engine, store, f"microflack-{platform}-")
    threading.Thread(target=gatherer.run, daemon=True).start()
    server = Server((host, int(port)), FOLDER, os.environ["LOGS_PASSWORD"])
    threading.Thread(target=server.serve_forever, daemon=True).start()
    ended = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: ended.set())
    while not ended.wait(1):
        store.save()
    # What stops last has just said its last words.
    time.sleep(0.2)
    store.save()
    return 0


if __name__ == "__main__":
    sys.exit(main())
