"""What is looked at before python-engineio sees a request."""

import json
from collections.abc import Iterable
from io import BytesIO
from typing import Any
from urllib.parse import parse_qs

from werkzeug.wrappers import Response

from microflack_socketio import limits
from microflack_socketio.engineio_adapter import TAKEN_OVER, Engine, taken_over

PATH = "/socket.io/"


class RejectedRequest(Exception):
    """Raised for a request that is not let through, with the answer's status."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status


class RequestGuard:
    """WSGI middleware in front of Socket.IO. It answers all errors as JSON.

    :param app: the application with Socket.IO in it.
    :param engine: the sessions of its clients.
    """

    def __init__(self, app: Any, engine: Engine) -> None:
        self._app = app
        self._engine = engine
        self._closed = False

    def close(self) -> None:
        """Let in only clients that are here already: the instance stops."""
        self._closed = True

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Let a request through, or answer it with an error."""
        if not environ.get("PATH_INFO", "").startswith(PATH):
            return self._app(environ, start_response)  # type: ignore[no-any-return]
        try:
            self._check(environ)
        except RejectedRequest as refused:
            answer = _error(refused.status, str(refused))
            return answer(environ, start_response)
        return self._enter(environ, start_response)

    def _enter(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        said: list[Any] = []
        environ[TAKEN_OVER] = []
        body = self._app(environ, lambda *arguments: said.extend(arguments))
        if environ[TAKEN_OVER]:
            raise taken_over(environ)
        status = int(said[0].split()[0])
        if status >= 400:
            answer = _error(status, _sentence(body))
            return answer(environ, start_response)
        start_response(*said)
        return body  # type: ignore[no-any-return]

    def _check(self, environ: dict[str, Any]) -> None:
        query = parse_qs(environ.get("QUERY_STRING", ""))
        session = query.get("sid", [""])[0]
        if self._closed and not session:
            raise RejectedRequest(503, "This instance is being stopped. Try again.")
        if "j" in query:
            raise RejectedRequest(400, "JSONP is not offered.")
        if environ.get("HTTP_UPGRADE", "").lower() == "websocket":
            _check_handshake(environ)
        if environ["REQUEST_METHOD"] == "POST":
            self._check_packets(environ, session)

    def _check_packets(self, environ: dict[str, Any], session: str) -> None:
        length = int(environ.get("CONTENT_LENGTH") or 0)
        if length > limits.LARGEST:
            raise RejectedRequest(
                413, f"At most {limits.LARGEST} bytes are taken at once."
            )
        body = environ["wsgi.input"].read(length)
        try:
            packets = body.decode().split("\x1e")
        except UnicodeDecodeError as error:
            raise RejectedRequest(400, "The packets are not valid UTF-8.") from error
        if len(packets) > limits.PACKETS or not all(
            map(limits.is_allowed_packet, packets)
        ):
            raise RejectedRequest(
                400, "These are no packets of Engine.IO 4 and Socket.IO 5."
            )
        self._slow_down(session, len(packets))
        environ["wsgi.input"] = BytesIO(body)

    def _slow_down(self, session: str, packets: int) -> None:
        limiter = self._engine.rate_limiter(session)
        if limiter and not all(limiter.take() for _ in range(packets)):
            self._engine.disconnect(session)
            raise RejectedRequest(429, "Too many packets.")


def _check_handshake(environ: dict[str, Any]) -> None:
    if environ.get("HTTP_SEC_WEBSOCKET_VERSION") != "13":
        raise RejectedRequest(426, "WebSockets are spoken here in version 13.")
    if not environ.get("HTTP_SEC_WEBSOCKET_KEY"):
        raise RejectedRequest(400, "The header Sec-WebSocket-Key is missing.")


def _sentence(body: Iterable[bytes]) -> str:
    # python-engineio says what is wrong as a JSON string.
    try:
        text = json.loads(b"".join(body))
    except ValueError:
        text = None
    return str(text or "The request could not be understood.")


def _error(status: int, sentence: str) -> Response:
    headers = {429: {"Retry-After": "2"}, 503: {"Retry-After": "1"}}.get(status, {})
    if status == 426:
        headers = {"Sec-WebSocket-Version": "13"}
    text = json.dumps({"error": sentence})
    return Response(text, status, headers, content_type="application/json")
