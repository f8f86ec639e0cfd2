"""Serve the platform's figures, and the list of whom else to ask, to HAProxy.

It listens at a socket in a private folder. The load balancer has it at the operator's
port, and asks for the password.
"""

import logging
import threading
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from socketserver import ThreadingMixIn, UnixStreamServer

from prometheus_client import CONTENT_TYPE_LATEST

from mfplatform.metrics.figures import Figures
from mfplatform.metrics.targets import Targets
from mfplatform.runtime.base import Runtime
from mfplatform.state import metrics, page_sockets
from mfplatform.state.home import Home
from microflack_common.registry import Registry

log = logging.getLogger(__name__)

# What is served at each path: the type, and what makes the text.
Pages = Mapping[str, tuple[str, Callable[[], bytes]]]


def serve(home: Home, runtime: Runtime, registry: Registry) -> "FigureServer":
    """Begin to serve, from threads of their own; return what does.

    :raises OSError: it cannot listen at its socket.
    """
    figures, targets = Figures(home, runtime), Targets(home, registry)
    pages = {
        "/metrics": (CONTENT_TYPE_LATEST, figures.text),
        "/metrics/targets": ("application/json", lambda: targets.text().encode()),
    }
    page_sockets.have(home)
    server = FigureServer(metrics.socket(home), pages)
    threading.Thread(target=server.serve_forever, name="metrics", daemon=True).start()
    return server


class FigureServer(ThreadingMixIn, UnixStreamServer):
    """The server, and what it serves."""

    daemon_threads = True

    def __init__(self, socket: Path, pages: Pages) -> None:
        # One that was killed leaves it.
        socket.unlink(missing_ok=True)
        super().__init__(str(socket), FigureHandler)
        self.pages = pages


class FigureHandler(BaseHTTPRequestHandler):
    """Answers one request."""

    server: FigureServer

    def do_GET(self) -> None:
        """Answer with what is served at this path."""
        page = self.server.pages.get(self.path.partition("?")[0])
        if page is None:
            self.send_error(404)
            return
        kind, make = page
        try:
            text = make()
        except Exception:
            # One figure that cannot be had must not end the thread without a word.
            log.exception("Figures could not be gathered")
            self.send_error(500)
            return
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def address_string(self) -> str:
        """Return who asks: a socket's path has no address."""
        return "socket"

    def log_message(self, *_arguments: object) -> None:
        """Leave out the access line."""
