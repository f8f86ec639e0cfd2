"""Check requests before python-engineio sees them, and answer all errors as JSON."""

import json
from collections.abc import Iterable
from io import BytesIO
from typing import Any
from urllib.parse import parse_qs

from werkzeug.wrappers import Response

from microflack_socketio import limits
from microflack_socketio.engineio_adapter import TAKEN_OVER, Engine, taken_over

PATH = "/socket.io/"
# The load balancer keeps it for itself.
SESSION_HEADER = "X-Session-ID"
# The version of the WebSocket protocol, RFC 6455.
WEBSOCKET_VERSION = "13"
METHODS = ("GET", "POST", "OPTIONS")
# What a rejected client is told by a header, for each status.
HEADERS = {
    405: {"Allow": ", ".join(METHODS)},
    426: {"Sec-WebSocket-Version": WEBSOCKET_VERSION},
    429: {"Retry-After": "2"},
    503: {"Retry-After": "1"},
}


class RejectedRequest(Exception):
    """Raised for a request that is not let through, with the status of its answer."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status


class RequestGuard:
    """WSGI middleware in front of Socket.IO.

    :param app: the application with Socket.IO in it.
    :param engine: the sessions of its clients.
    """

    def __init__(self, app: Any, engine: Engine) -> None:
        self._app = app
        self._engine = engine
        self._stopping = False

    def reject_new_sessions(self) -> None:
        """Let in only clients that have a session: the instance stops."""
        self._stopping = True

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Let a request through, or answer it with an error."""
        if not environ.get("PATH_INFO", "").startswith(PATH):
            return self._app(environ, start_response)  # type: ignore[no-any-return]
        try:
            self._check(environ)
        except RejectedRequest as rejected:
            answer = _error(rejected.status, str(rejected))
            return answer(environ, start_response)
        return self._pass_on(environ, start_response)

    def _pass_on(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        start: list[Any] = []
        environ[TAKEN_OVER] = []
        body = self._app(environ, lambda *arguments: start.extend(arguments))
        if environ[TAKEN_OVER]:
            raise taken_over(environ)
        status = int(start[0].split()[0])
        if status >= 400:
            answer = _error(status, _sentence(body))
            return answer(environ, start_response)
        start_response(start[0], _with_session(start[1], body))
        return body  # type: ignore[no-any-return]

    def _check(self, environ: dict[str, Any]) -> None:
        if environ["REQUEST_METHOD"] not in METHODS:
            raise RejectedRequest(405, "This method is not allowed here.")
        query = parse_qs(environ.get("QUERY_STRING", ""))
        session_id = query.get("sid", [""])[0]
        if self._stopping and not session_id:
            raise RejectedRequest(503, "This instance is being stopped. Try again.")
        if "j" in query:
            raise RejectedRequest(400, "JSONP is not offered.")
        if environ.get("HTTP_UPGRADE", "").lower() == "websocket":
            _check_handshake(environ)
        if environ["REQUEST_METHOD"] == "POST":
            self._check_packets(environ, session_id)

    def _check_packets(self, environ: dict[str, Any], session_id: str) -> None:
        length = int(environ.get("CONTENT_LENGTH") or 0)
        if length > limits.MAX_PACKET_BYTES:
            sentence = f"At most {limits.MAX_PACKET_BYTES} bytes are taken at once."
            raise RejectedRequest(413, sentence)
        body = environ["wsgi.input"].read(length)
        packets = _packets(body)
        limiter = self._engine.rate_limiter(session_id)
        if limiter and not all(limiter.admit() for _ in packets):
            self._engine.disconnect(session_id)
            raise RejectedRequest(429, "Too many packets.")
        environ["wsgi.input"] = BytesIO(body)


def _packets(body: bytes) -> list[str]:
    try:
        packets = body.decode().split("\x1e")
    except UnicodeDecodeError as error:
        raise RejectedRequest(400, "The packets are not valid UTF-8.") from error
    too_many = len(packets) > limits.MAX_PACKETS_IN_REQUEST
    if too_many or not all(map(limits.is_allowed_packet, packets)):
        sentence = "These are no packets of Engine.IO 4 and Socket.IO 5."
        raise RejectedRequest(400, sentence)
    return packets


def _check_handshake(environ: dict[str, Any]) -> None:
    if environ.get("HTTP_SEC_WEBSOCKET_VERSION") != WEBSOCKET_VERSION:
        sentence = f"WebSockets are spoken here in version {WEBSOCKET_VERSION}."
        raise RejectedRequest(426, sentence)
    if not environ.get("HTTP_SEC_WEBSOCKET_KEY"):
        raise RejectedRequest(400, "The header Sec-WebSocket-Key is missing.")


def _with_session(headers: list[Any], body: Any) -> list[Any]:
    """Return the headers of an answer, with the session if it begins one.

    By that the load balancer finds the instance of a client without cookies. Such an
    answer is a packet: a zero and JSON.
    """
    if not isinstance(body, list) or not body or not body[0].startswith(b'0{"sid":'):
        return headers
    return [*headers, (SESSION_HEADER, json.loads(body[0][1:])["sid"])]


def _sentence(body: Iterable[bytes]) -> str:
    # python-engineio says what is wrong as a JSON string.
    try:
        text = json.loads(b"".join(body))
    except ValueError:
        text = None
    return str(text or "The request could not be understood.")


def _error(status: int, sentence: str) -> Response:
    text = json.dumps({"error": sentence})
    headers = HEADERS.get(status, {})
    return Response(text, status, headers, content_type="application/json")
