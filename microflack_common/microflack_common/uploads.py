"""Endpoints that are sent files, and not JSON.

What they are sent may be larger than all other bodies; how it is read is theirs.
"""

from typing import NamedTuple

from flask import Flask, current_app, request

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
    known[endpoint] = Upload(max_bytes)


def of_request() -> Upload | None:
    """Return what the endpoint of this request takes, or None if it is JSON."""
    known: dict[str, Upload] = current_app.extensions.get("microflack_uploads", {})
    sends = request.method in ("POST", "PUT")
    return known.get(request.endpoint or "") if sends else None
