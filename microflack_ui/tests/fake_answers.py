"""Answers of the fake API, and what all of its parts need to give them."""

import json
from typing import Any

from werkzeug.wrappers import Request, Response

SENTENCES = {401: "The token has expired.", 403: "This is not yours.", 404: "Not here."}


class Refused(Exception):
    """Raised by a handler to answer with an error."""

    def __init__(
        self, status: int, sentence: str | None = None, retry_after: int = 0
    ) -> None:
        super().__init__(status)
        self.answer = answer({"error": sentence or SENTENCES[status]}, status)
        if retry_after:
            self.answer.headers["Retry-After"] = str(retry_after)


def answer(body: Any = None, status: int = 200) -> Response:
    """Return a JSON answer; without a body it is 204."""
    if body is None:
        return Response(status=204)
    return Response(json.dumps(body), status, content_type="application/json")


def token_of(request: Request) -> str:
    """Return the token that came with a request."""
    return request.headers.get("Authorization", "").removeprefix("Bearer ")
