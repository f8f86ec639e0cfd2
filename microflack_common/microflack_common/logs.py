"""Write one JSON object a line to standard output, with the request's id in each."""

import json
import logging
import os
import re
import sys
import time
from datetime import UTC, datetime
from typing import Any, TextIO
from uuid import uuid4

from flask import Flask, Response, g, has_request_context, request

from microflack_common.client_address import client_address

HEADER = "X-Request-ID"
VALID_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
# The load balancer asks for these every second: they would drown the rest.
QUIET_PATHS = {"/healthz", "/readyz", "/metrics"}
# json.dumps would make one for each line.
ENCODER = json.JSONEncoder(default=str)
STANDARD = set(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}

access_log = logging.getLogger("microflack.access")


class JsonFormatter(logging.Formatter):
    """Format records as JSON; what a caller passes in ``extra`` becomes a field."""

    def __init__(self, service: str, instance: str) -> None:
        super().__init__()
        self._source = {"service": service, "instance": instance}

    def format(self, record: logging.LogRecord) -> str:
        """Return ``record`` as one line of JSON."""
        moment = datetime.fromtimestamp(record.created, UTC)
        entry: dict[str, Any] = {
            "time": moment.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            **self._source,
        }
        if request_id := current_request_id():
            entry["request_id"] = request_id
        entry["message"] = record.getMessage()
        entry |= {k: v for k, v in vars(record).items() if k not in STANDARD}
        if record.exc_info:
            entry["traceback"] = self.formatException(record.exc_info)
        return ENCODER.encode(entry)


class _StdoutHandler(logging.StreamHandler[TextIO]):
    """Write to whatever sys.stdout is now, as tests and daemons replace it."""

    def __init__(self) -> None:
        logging.Handler.__init__(self)

    @property
    def stream(self) -> TextIO:  # type: ignore[override]
        return sys.stdout


def configure(service: str = "", instance: str = "", level: str = "INFO") -> None:
    """Send all logging of this process to standard output; calling it again is free."""
    root = logging.getLogger()
    if any(isinstance(handler, _StdoutHandler) for handler in root.handlers):
        return
    handler = _StdoutHandler()
    handler.setFormatter(JsonFormatter(service, instance))
    root.addHandler(handler)
    root.setLevel(level)
    # One line for each outgoing connection is noise next to the access log.
    logging.getLogger("urllib3").setLevel("ERROR")
    # Whoever asks the registry says what it means that it is away.
    logging.getLogger("etcd").setLevel("CRITICAL")
    # Which migration plugins are loaded is of no use either.
    logging.getLogger("alembic").setLevel("WARNING")
    # The access line below replaces the development server's own.
    logging.getLogger("werkzeug").setLevel("WARNING")


def current_request_id() -> str | None:
    """Return the id of the request being handled, or None outside of one."""
    return g.get("request_id") if has_request_context() else None


def current_address() -> str | None:
    """Return the address of the client whose request this is, None outside of one."""
    return client_address(request) if has_request_context() else None


def init_app(app: Flask) -> None:
    """Give each request of ``app`` an id and an access line with its duration."""
    service = os.environ.get("SERVICE_NAME") or app.name.removeprefix("microflack_")
    configure(service, os.environ.get("INSTANCE_NAME", service))
    app.before_request(_begin)
    app.after_request(_end)


def _begin() -> None:
    given = request.headers.get(HEADER, "")
    g.request_id = given if VALID_ID.fullmatch(given) else uuid4().hex
    g.request_start = time.perf_counter()


def _end(response: Response) -> Response:
    if "request_id" not in g:
        return response
    response.headers[HEADER] = g.request_id
    if request.path not in QUIET_PATHS:
        access_log.info(
            "%s %s %s",
            request.method,
            request.path,
            response.status_code,
            extra={
                "status": response.status_code,
                "ms": round((time.perf_counter() - g.request_start) * 1000, 2),
                "user_id": g.get("user_id"),
                "address": current_address(),
            },
        )
    return response
