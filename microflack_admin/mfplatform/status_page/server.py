"""Serve the page /status, at a socket that only the load balancer reaches.

    python -m mfplatform.status_page.server

HAProxy asks for the password, at the operator's address alone. What changes something
is done only for the page itself: a browser sends the password along with what other
pages ask for, too, but none of these has this origin, or may send a header of its own.
"""

import json
import os
import signal
import sys
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from socketserver import ThreadingMixIn, UnixStreamServer
from subprocess import TimeoutExpired
from types import FrameType
from typing import Any
from urllib.parse import parse_qs, urlsplit

from mfplatform.state import page_sockets, status_page
from mfplatform.state.home import Home
from mfplatform.status_page.actions import Actions, NotPossible, checked, command
from mfplatform.status_page.watcher import Watcher

STATIC = Path(__file__).with_name("static")
FILES = {
    "/status": ("page.html", "text/html; charset=utf-8"),
    "/status/page.css": ("page.css", "text/css; charset=utf-8"),
    "/status/page.js": ("page.js", "text/javascript; charset=utf-8"),
    "/status/parts.js": ("parts.js", "text/javascript; charset=utf-8"),
}
JSON, TEXT = "application/json", "text/plain; charset=utf-8"
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self';"
    " style-src 'self'; connect-src 'self'; img-src data:; base-uri 'none';"
    " form-action 'none'; frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}
OWN_HEADER, OWN_VALUE = "X-Status", "page"
MAX_BODY_BYTES = 1000
REQUEST_TIMEOUT_SECONDS = 30.0


class StatusServer(ThreadingMixIn, UnixStreamServer):
    """The server of the page, with what it shows and does."""

    daemon_threads = True

    def __init__(self, socket: Path, watcher: Watcher, actions: Actions) -> None:
        # One that was killed leaves it.
        socket.unlink(missing_ok=True)
        super().__init__(str(socket), StatusHandler)
        self.watcher = watcher
        self.actions = actions


class StatusHandler(BaseHTTPRequestHandler):
    """Answers one request."""

    server: StatusServer
    timeout = REQUEST_TIMEOUT_SECONDS

    def do_GET(self) -> None:
        """Serve the page, the newest look, or the last lines of a log."""
        parts = urlsplit(self.path)
        if parts.path in FILES:
            name, kind = FILES[parts.path]
            self._answer(200, (STATIC / name).read_bytes(), kind)
        elif parts.path == "/status/look":
            self._look()
        elif parts.path == "/status/logs":
            self._logs(parse_qs(parts.query).get("name", [""])[0])
        elif parts.path == "/healthz":
            self._answer(200, b"ok\n", TEXT)
        else:
            self._refuse(404, "There is nothing at this address.")

    def do_POST(self) -> None:
        """Do something, if the page itself asks for it."""
        if self.path != "/status/do":
            self._refuse(404, "There is nothing at this address.")
        elif not self._is_from_page():
            self._refuse(403, "Only the page /status itself may ask for this.")
        else:
            self._do()

    def _is_from_page(self) -> bool:
        host, origin = self.headers.get("Host"), self.headers.get("Origin")
        site = self.headers.get("Sec-Fetch-Site", "same-origin")
        is_own = self.headers.get(OWN_HEADER) == OWN_VALUE
        # A tunnel may change the port, and what is in front of it add TLS.
        is_here = origin in (f"http://{host}", f"https://{host}")
        return is_own and is_here and site == "same-origin"

    def _do(self) -> None:
        try:
            words = command(self._body())
        except NotPossible as error:
            self._refuse(400, str(error))
            return
        try:
            self.server.actions.begin(words)
        except NotPossible as error:
            self._refuse(409, str(error))
            return
        self._answer_json(202, {"command": " ".join(words)})

    def _body(self) -> dict[str, Any]:
        length = self.headers.get("Content-Length", "")
        if not (length.isascii() and length.isdigit()) or int(length) > MAX_BODY_BYTES:
            raise NotPossible(
                f"The body must be JSON of at most {MAX_BODY_BYTES} bytes."
            )
        try:
            found = json.loads(self.rfile.read(int(length)))
        except ValueError:
            found = None
        if not isinstance(found, dict):
            raise NotPossible("The body must be a JSON object.")
        return found

    def _look(self) -> None:
        look = self.server.watcher.latest()
        if not look:
            self._refuse(503, "Nobody could look. Why, is in: mflogs status")
            return
        told = json.loads(look) | {"action": self.server.actions.last()}
        self._answer_json(200, told)

    def _logs(self, name: str) -> None:
        try:
            text = self.server.actions.logs(checked(name))
        except NotPossible as error:
            self._refuse(400, str(error))
        except TimeoutExpired:
            self._refuse(503, "That takes too long. Try: mflogs")
        else:
            self._answer(200, text.encode(), TEXT)

    def _refuse(self, status: int, sentence: str) -> None:
        self._answer_json(status, {"error": sentence})

    def _answer_json(self, status: int, told: dict[str, Any]) -> None:
        self._answer(status, json.dumps(told).encode(), JSON)

    def _answer(self, status: int, body: bytes, kind: str) -> None:
        self.send_response_only(status)
        for name, value in HEADERS.items():
            self.send_header(name, value)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments: object) -> None:
        """Leave out the access line: a page asks every other second."""

    def handle(self) -> None:
        """Answer; a reader that is gone is no error."""
        try:
            super().handle()
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True


def main() -> int:
    """Serve until told to end."""
    signal.signal(signal.SIGTERM, _finish)
    os.umask(0o077)
    home = Home.here()
    actions = Actions(Path(os.environ["MF_ADMIN"]) / "bin")
    page_sockets.have(home)
    with StatusServer(status_page.socket(home), Watcher(), actions) as server:
        server.serve_forever(poll_interval=3600)
    return 0


def _finish(_number: int, _frame: FrameType | None) -> None:
    sys.exit(0)


if __name__ == "__main__":
    sys.exit(main())
