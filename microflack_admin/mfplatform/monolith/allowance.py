"""How much one address may ask for, counted in this process.

The numbers are those of the load balancer, and so is what is counted: requests,
sign-ins that failed (in all, and for one nickname), registrations, held connections.
"""

import base64
import binascii
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from ipaddress import ip_address, ip_network
from typing import Any
from urllib.parse import unquote
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from mfplatform.balancer.limits import Limits
from mfplatform.monolith.answers import error
from mfplatform.monolith.window import Key, Window
from microflack_common.limits import RateLimit

FAILED = "Too many sign-ins failed. Wait a minute."
CROWDED = "Too many are signing in right now. Try again shortly."
REGISTERED = "Too many people registered. Wait a minute."


class Allowance:
    """Refuses what is too much of an address, and counts the rest.

    :param holds_connection: says whether requests for a path hold their connection.
    """

    def __init__(
        self,
        holds_connection: Callable[[str], bool],
        limits: Limits | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._limits = limits or Limits()
        seconds = float(self._limits.requests_period.removesuffix("s"))
        rate = self._limits.requests / seconds
        self._requests = RateLimit("requests", rate, self._limits.requests)
        self._window = Window(clock)
        self._holds_connection = holds_connection
        self._lock = threading.Lock()
        self._held: defaultdict[Key, int] = defaultdict(int)

    def __call__(
        self,
        app: WSGIApplication,
        environ: WSGIEnvironment,
        start_response: StartResponse,
    ) -> Iterable[bytes]:
        """Have a request answered, or refuse it."""
        address = address_of(environ)
        if self._requests.wait_seconds(address) > 0:
            return _too_many("Too many requests. Slow down.", 1)(
                environ, start_response
            )
        if self._holds_connection(environ.get("PATH_INFO", "")):
            most = self._limits.held_connections
            with self._holding(("connections", address), most) as is_held:
                if not is_held:
                    sentence = "Too many connections from one address."
                    return _too_many(sentence, 5)(environ, start_response)
                return app(environ, start_response)
        kind = kind_of(environ)
        if kind is None:
            return app(environ, start_response)
        if kind == "sign-in" and nickname_of(environ) is None:
            # Whoever has a refresh token gives no password.
            return self._answer(kind, address, app, environ, start_response)
        # Each password takes a processor for a while, whoever sends it.
        most = self._limits.waiting_for_a_service
        with self._holding(("passwords",), most) as has_room:
            if not has_room:
                return _too_many(CROWDED, 2)(environ, start_response)
            return self._answer(kind, address, app, environ, start_response)

    def _answer(
        self,
        kind: str,
        address: str,
        app: WSGIApplication,
        environ: WSGIEnvironment,
        start_response: StartResponse,
    ) -> Iterable[bytes]:
        """Have answered what is about an account, and count what comes of it."""
        nickname = nickname_of(environ) if kind == "sign-in" else None
        keys = self._keys(kind, address, nickname)
        begun: dict[Key, float] = {}
        for key, most in keys.items():
            moment = self._window.begin(key, most)
            if moment is None:
                self._undo(begun)
                sentence = REGISTERED if kind == "registration" else FAILED
                return _too_many(sentence, 60)(environ, start_response)
            begun[key] = moment

        def start(status: str, headers: Any, exc_info: Any = None) -> Any:
            told = next((v for k, v in headers if k == "X-Failed-Sign-In"), None)
            has_failed = told is not None or (nickname and status.startswith("401"))
            counts = status.startswith("201") if kind == "registration" else has_failed
            if not counts:
                self._undo(begun)
            elif kind != "registration" and not nickname and told:
                self._add_named(address, told)
            return start_response(status, headers, exc_info)

        return app(environ, start)

    def _keys(self, kind: str, address: str, nickname: str | None) -> dict[Key, int]:
        """Return what a request is counted under, and the most of each."""
        if kind == "registration":
            return {("registered", address): self._limits.registrations}
        keys: dict[Key, int] = {("failed", address): self._limits.failures}
        if nickname:
            keys["failed", address, nickname] = self._limits.nickname_failures
        return keys

    def _undo(self, begun: dict[Key, float]) -> None:
        for key, moment in begun.items():
            self._window.undo(key, moment)

    def _add_named(self, address: str, told: str) -> None:
        # Whose it was, where the request did not tell: "nickname=" and the name.
        if told.startswith("nickname="):
            name = unquote(told.removeprefix("nickname=")).lower()
            self._window.add(("failed", address, name))

    @contextmanager
    def _holding(self, key: Key, most: int) -> Iterator[bool]:
        """Count one that lasts; say whether there is room for it."""
        with self._lock:
            has_room = self._held[key] < most
            self._held[key] += has_room
        try:
            yield has_room
        finally:
            with self._lock:
                self._held[key] -= has_room
                if not self._held[key]:
                    del self._held[key]


def address_of(environ: WSGIEnvironment) -> str:
    """Return the address that is counted: of IPv6 the network of one household."""
    last = environ["HTTP_X_FORWARDED_FOR"].rpartition(",")[2].strip()
    try:
        address = ip_address(last)
    except ValueError:
        return str(environ["REMOTE_ADDR"])
    if address.version == 4:
        return str(address)
    return str(ip_network((address, 64), strict=False))


def kind_of(environ: WSGIEnvironment) -> str | None:
    """Return what is asked about an account: sign-in, change or registration."""
    method = environ["REQUEST_METHOD"]
    path = "/" + "/".join(filter(None, environ.get("PATH_INFO", "").split("/")))
    if (method, path) == ("POST", "/api/tokens"):
        return "sign-in"
    if (method, path) == ("POST", "/api/users"):
        return "registration"
    if path == "/api/users/me":
        return "sign-in" if method in ("GET", "HEAD") else None
    is_change = method in ("PUT", "DELETE") and path.startswith("/api/users/")
    return "change" if is_change else None


def nickname_of(environ: WSGIEnvironment) -> str | None:
    """Return whose password is given (RFC 7617), without case."""
    scheme, _, text = environ.get("HTTP_AUTHORIZATION", "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        decoded = base64.b64decode(text).decode(errors="replace")
    except (binascii.Error, ValueError):
        return None
    return decoded.partition(":")[0].lower()


def _too_many(sentence: str, seconds: int) -> WSGIApplication:
    return error(429, sentence, {"Retry-After": str(seconds)})
