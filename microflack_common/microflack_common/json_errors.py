"""Gunicorn's own answers as JSON: to requests that never reach the application."""

import contextlib
import json
from http import HTTPStatus
from typing import Any

from gunicorn import util

SENTENCES = {
    400: "The request is malformed.",
    403: "This is not allowed.",
    414: "The address is too long.",
    417: "What the header Expect asks for cannot be had.",
    431: "The headers are too large.",
    501: "This way of sending a body is not understood.",
}
FAILED = "Something went wrong on our side."


class JSONErrors:
    """A mixin for Gunicorn's workers. It stands before their own class."""

    def handle_error(self, req: Any, client: Any, addr: Any, exc: Exception) -> None:
        """Answer a request that cannot be understood, or that made the server fail."""
        recorder = _Recorder()
        super().handle_error(req, recorder, addr, exc)  # type: ignore[misc]
        if recorder.status:
            # The client may have gone.
            with contextlib.suppress(OSError):
                util.write_nonblock(client, _answer(recorder.status))


class _Recorder:
    """Takes the place of a socket, to see which status Gunicorn gives an error."""

    status = 0

    def sendall(self, data: bytes) -> None:
        """Note the status: the data begin with ``HTTP/1.1 400 ``."""
        self.status = int(data.split(b" ", 2)[1])

    def gettimeout(self) -> float:
        """Say that nothing is waited for."""
        return 0.0


def _answer(status: int) -> bytes:
    body = json.dumps({"error": SENTENCES.get(status, FAILED)}).encode()
    head = (
        f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\n"
        "Connection: close\r\n"
        "Content-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body
