"""Answers that no service gives."""

import json
from collections.abc import Mapping

from werkzeug.wrappers import Response


def error(
    status: int, sentence: str, headers: Mapping[str, str] | None = None
) -> Response:
    """Return an answer with this status and sentence."""
    return as_json({"error": sentence}, status, headers)


def as_json(
    body: Mapping[str, str], status: int, headers: Mapping[str, str] | None = None
) -> Response:
    """Return an answer with this body."""
    return Response(
        json.dumps(body), status, dict(headers or {}), content_type="application/json"
    )
