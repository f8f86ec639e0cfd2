"""Endpoints that are sent files, and not JSON.

What they are sent may be larger than all other bodies; how it is read is theirs.
"""

from typing import NamedTuple

from flask import Flask, Response, current_app, request

from microflack_common import deadlines
from microflack_common.deadlines import MAX_DISCARDED_BYTES

MULTIPART = "multipart/form-data"
NOT_MULTIPART = "The body must be multipart/form-data, with the file as a part of it."


class Upload(NamedTuple):
    """What an endpoint takes.

    :param max_bytes: of the body, with all that is around the file.
    """

    max_bytes: int


def accept(app: Flask, endpoint: str, max_bytes: int) -> None:
    """Have an endpoint of ``app`` take a body with files, of at most so many bytes.

    :param endpoint: its name for Flask, such as ``files.upload``.
    """
    known: dict[str, Upload] | None = app.extensions.get("microflack_uploads")
    if known is None:
        known = app.extensions["microflack_uploads"] = {}
        app.after_request(_discard_refused)
    known[endpoint] = Upload(max_bytes)


def of_request() -> Upload | None:
    """Return what the endpoint of this request takes, or None if it is JSON."""
    known: dict[str, Upload] = current_app.extensions.get("microflack_uploads", {})
    sends = request.method in ("POST", "PUT")
    return known.get(request.endpoint or "") if sends else None


def _discard_refused(response: Response) -> Response:
    # A client that still sends would find its connection broken, and no answer.
    if response.status_code >= 400 and of_request():
        length = request.content_length or MAX_DISCARDED_BYTES
        deadlines.discard(request.environ, min(length, MAX_DISCARDED_BYTES))
    return response
