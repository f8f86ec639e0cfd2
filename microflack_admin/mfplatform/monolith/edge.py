"""What a load balancer does for services that nothing stands in front of.

It says who asks, refuses what no service needs to see and what is too much, has the
body there before anybody waits for it, and tells browsers what every answer tells them.
The rules are those of ``balancer/templates``.
"""

import io
import re
from collections.abc import Callable, Iterable, Sequence
from ipaddress import ip_address, ip_network
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from mfplatform.balancer.limits import METHODS, Limits
from mfplatform.monolith.allowance import Allowance
from mfplatform.monolith.answers import error
from microflack_common import deadlines

# What clients say about who asks, and by what way.
CLAIMED = (
    "HTTP_X_FORWARDED_FOR",
    "HTTP_X_FORWARDED_PROTO",
    "HTTP_X_REQUEST_ID",
    "HTTP_FORWARDED",
    "HTTP_X_FORWARDED_HOST",
    "HTTP_X_FORWARDED_PORT",
    "HTTP_X_REAL_IP",
)
NOT_TOLD = {"x-session-id", "x-failed-sign-in"}
# For what is no document: nothing in it is to be run or framed.
BARE_POLICY = "default-src 'none'; base-uri 'none'; form-action 'none'; "
BARE_POLICY += "frame-ancestors 'none'"

Headers = list[tuple[str, str]]


class Edge:
    """WSGI middleware in front of everything.

    :param app: what answers.
    :param trusted: networks of proxies that say for whom they ask.
    :param allowance: counts what each address does; None counts nothing.
    :param hosts: the names by which it may be called; none if any will do.
    """

    def __init__(
        self,
        app: WSGIApplication,
        trusted: Sequence[str] = (),
        allowance: Allowance | None = None,
        limits: Limits | None = None,
        hosts: Sequence[str] = (),
    ) -> None:
        self._app = app
        self._hosts = hosts
        self._trusted = [ip_network(one) for one in trusted]
        self._allowance = allowance
        self._limits = limits or Limits()

    def __call__(
        self, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        """Answer a request."""
        if not environ.get("REMOTE_ADDR"):
            # It came by the socket that only its owner reaches.
            return self._app(environ, start_response)
        start = _told(environ, start_response)
        refused = self._settle(environ) or self._read_body(environ)
        if refused is not None:
            return refused(environ, start)
        if self._allowance is None:
            return self._app(environ, start)
        return self._allowance(self._app, environ, start)

    def _settle(self, environ: WSGIEnvironment) -> WSGIApplication | None:
        """Say who asks; return an answer if it is not to be asked for at all."""
        peer = ip_address(environ["REMOTE_ADDR"])
        if not any(peer in network for network in self._trusted):
            for name in CLAIMED:
                environ.pop(name, None)
            environ["HTTP_X_FORWARDED_PROTO"] = "http"
        # A proxy that asks for itself, whether all is well, names nobody.
        environ.setdefault("HTTP_X_FORWARDED_FOR", str(peer))
        if self._hosts and _host(environ) not in (*self._hosts, ""):
            sentence = "The chat is not known by this name. Open it as "
            sentence += f"{self._hosts[0]}, or have mfup know the name: MF_HOSTS."
            return error(421, sentence)
        if environ["REQUEST_METHOD"] not in METHODS:
            headers = {"Allow": ", ".join(METHODS)}
            return error(405, "This method is not allowed here.", headers)
        if len(environ.get("RAW_URI", "")) > self._limits.url_characters:
            most = self._limits.url_characters
            return error(414, f"The address is too long: at most {most} characters.")
        if _length(environ) > self._limits.body_bytes:
            most = self._limits.body_bytes
            return error(413, f"The request is too large: at most {most} bytes.")
        return None

    def _read_body(self, environ: WSGIEnvironment) -> WSGIApplication | None:
        """Have a body that fits a buffer at hand; an answer if it does not come."""
        length = _length(environ)
        if not 0 < length <= self._limits.buffered_bytes:
            return None
        deadlines.begin(environ, length)
        try:
            body = environ["wsgi.input"].read(length)
        except OSError:
            body = b""
        if len(body) < length:
            return error(408, "The request took too long. Try again.")
        environ["wsgi.input"] = io.BytesIO(body)
        return None


def _host(environ: WSGIEnvironment) -> str:
    """Return the name by which it is called, without a port."""
    host = str(environ.get("HTTP_HOST", "")).lower()
    return host if host.endswith("]") else re.sub(r":[0-9]*$", "", host)


def _length(environ: WSGIEnvironment) -> int:
    text = environ.get("CONTENT_LENGTH") or "0"
    return int(text) if text.isascii() and text.isdigit() else 0


def _told(environ: WSGIEnvironment, start_response: StartResponse) -> StartResponse:
    """Return a ``start_response`` that adds what browsers are told by every answer."""

    def start(
        status: str, headers: Headers, exc_info: Any = None
    ) -> Callable[[bytes], object]:
        told = [(k, v) for k, v in headers if k.lower() not in NOT_TOLD]
        known = {name.lower(): value for name, value in told}
        added = {"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer"}
        kind = known.get("content-type", "")
        if kind.startswith("application/json"):
            added["X-Frame-Options"] = "DENY"
        if not kind or kind.startswith(("application/json", "text/plain")):
            added["Content-Security-Policy"] = BARE_POLICY
        is_api = environ.get("PATH_INFO", "").startswith("/api/")
        if (is_api and not status.startswith("304")) or status >= "4":
            added["Cache-Control"] = "no-store"
        told += [(k, v) for k, v in added.items() if k.lower() not in known]
        return start_response(status, told, exc_info)

    return start
