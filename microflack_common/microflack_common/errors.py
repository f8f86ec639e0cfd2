"""Answer every error as JSON: ``{"error": "<sentence>"}`` with the right status."""

import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from flask import Flask, Response, abort, jsonify, request
from werkzeug.exceptions import (
    ClientDisconnected,
    HTTPException,
    MethodNotAllowed,
    RequestEntityTooLarge,
)

from microflack_common import deadlines, uploads

if TYPE_CHECKING:
    # 10 MB that a service without a REST API can do without.
    from apiflask import HTTPError

logger = logging.getLogger(__name__)

# What a service reads of a body when its own configuration does not say.
MAX_CONTENT_BYTES = 256 * 1024
RETRY_AFTER_SECONDS = 2

SENTENCES = {
    400: "The request could not be understood.",
    401: "Sign in first: this needs a valid token.",
    403: "This is not yours.",
    404: "There is nothing here.",
    405: "This method is not allowed here.",
    408: "The request took too long to arrive.",
    413: "The request is too large.",
    415: "The body must be JSON, with the header Content-Type: application/json.",
    416: "It has no such range.",
    429: "Too many requests. Slow down.",
    500: "Something went wrong on our side.",
    503: "The service cannot answer right now. Try again shortly.",
}

# How the OpenAPI documents describe every error.
SCHEMA = {
    "type": "object",
    "properties": {"error": {"type": "string"}},
    "required": ["error"],
}


class ServiceUnavailable(Exception):
    """Raised when something this service depends on is away; answered with 503."""


def error_response(
    status: int,
    sentence: str | None = None,
    headers: Mapping[str, str] | None = None,
    **details: Any,
) -> Response:
    """Return a JSON error answer with this status and sentence."""
    text = sentence or SENTENCES.get(status) or "The request failed."
    response = jsonify({"error": text, **details})
    response.status_code = status
    response.headers.update(headers or {})
    if status in {429, 503}:
        response.headers.setdefault("Retry-After", str(RETRY_AFTER_SECONDS))
    return response


def init_app(app: Flask) -> None:
    """Make ``app`` answer all errors, its own and the framework's, as JSON."""
    app.config["MAX_CONTENT_LENGTH"] = (
        app.config.get("MAX_CONTENT_LENGTH") or MAX_CONTENT_BYTES
    )
    app.config["VALIDATION_ERROR_STATUS_CODE"] = 400
    app.before_request(_refuse_bad_body)
    app.after_request(_discard_refused)
    app.register_error_handler(HTTPException, _http_exception)
    app.register_error_handler(ServiceUnavailable, _unavailable)
    app.register_error_handler(RecursionError, _too_deep)
    app.register_error_handler(ValueError, _bad_value)
    app.register_error_handler(TimeoutError, _timed_out)
    app.register_error_handler(Exception, _unexpected)
    if hasattr(app, "error_callback"):
        # It is an APIFlask.
        app.config["VALIDATION_ERROR_SCHEMA"] = app.config["HTTP_ERROR_SCHEMA"] = SCHEMA
        app.error_callback = _validation_error


def depends_on(app: Flask, exception: type[Exception], what: str) -> None:
    """Answer 503 naming ``what`` when ``exception`` leaves a handler of ``app``."""

    def away(error: Exception) -> Response:
        logger.warning("%s is away: %s", what, type(error).__name__)
        return error_response(503, f"{what} is away. Try again shortly.")

    app.register_error_handler(exception, away)


def _refuse_bad_body() -> None:
    length, upload = request.content_length, uploads.of_request()
    if upload:
        request.max_content_length = upload.max_bytes
    if length is not None and length > request.max_content_length:  # type: ignore[operator]
        raise RequestEntityTooLarge
    chunked = _is_chunked()
    if length or chunked:
        # Nothing that could be sent would do for a method that there is not.
        is_method = not isinstance(request.routing_exception, MethodNotAllowed)
        if upload is None and not request.is_json and is_method:
            abort(415)
        if upload and request.mimetype != uploads.MULTIPART:
            abort(415, uploads.NOT_MULTIPART)
    if upload and chunked:
        length = upload.max_bytes
    deadlines.begin(request.environ, length)


def _discard_refused(response: Response) -> Response:
    # Closing a connection that is still sent to breaks it, and the answer is lost.
    if response.status_code >= 400 and (request.content_length or _is_chunked()):
        deadlines.discard(request.environ)
    return response


def _is_chunked() -> bool:
    return request.headers.get("Transfer-Encoding", "").lower() == "chunked"


def _http_exception(error: HTTPException) -> Response:
    status = error.code or 500
    if isinstance(error, ClientDisconnected):
        # It may be there and only too slow.
        return error_response(408)
    if error.response is not None:
        # A redirect that the router raised: it is an answer of its own.
        return error.response  # type: ignore[return-value]
    headers = dict(error.get_headers())
    headers.pop("Content-Type", None)
    if status == 413:
        limit = request.max_content_length or MAX_CONTENT_BYTES
        return error_response(
            413, f"The request is too large: at most {limit} bytes.", headers
        )
    custom = error.description != type(error).description
    return error_response(status, error.description if custom else None, headers)


def _validation_error(error: "HTTPError") -> Response:
    """Turn APIFlask's nested messages into one sentence that names the fields."""
    fields: dict[str, str] = {}
    if isinstance(error.detail, Mapping):
        for location in error.detail.values():
            if isinstance(location, Mapping):
                fields |= {name: _flat(text) for name, text in location.items()}
            elif location:
                fields.setdefault("body", _flat(location))
    if not fields:
        return error_response(error.status_code)
    if set(fields) == {"_schema"}:
        return error_response(400, "The body must be a JSON object.")
    sentence = " ".join(f"{name}: {text}" for name, text in fields.items())
    return error_response(error.status_code, sentence, fields=fields)


def _flat(messages: Any) -> str:
    if isinstance(messages, Mapping):
        messages = list(messages.values())
    if isinstance(messages, list):
        return " ".join(_flat(message) for message in messages)
    return str(messages)


def _unavailable(error: ServiceUnavailable) -> Response:
    return error_response(503, str(error) or None)


def _too_deep(_error: RecursionError) -> Response:
    # Only a body made for it is nested that deep: the JSON parser gives up.
    return error_response(400, "The body is nested too deeply.")


def _bad_value(error: ValueError) -> Response:
    # The JSON parser leaves it to Python to refuse a number.
    if request.is_json and str(error).startswith("Exceeds the limit"):
        return error_response(400, "A number in the body has too many digits.")
    return _unexpected(error)


def _timed_out(error: TimeoutError) -> Response:
    if str(error) == deadlines.TOO_SLOW:
        return error_response(408)
    return _unexpected(error)


def _unexpected(error: Exception) -> Response:
    logger.exception("Unexpected error in %s %s", request.method, request.path)
    return error_response(500)
