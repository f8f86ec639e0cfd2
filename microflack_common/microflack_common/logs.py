"""Write one JSON object a line to standard output, with the request's id in each."""

import logging
import os
import re
import time
from typing import Any
from uuid import uuid4

from flask import Flask, Response, g, has_request_context, request

from microflack_common import log_lines, traces
from microflack_common.client_address import client_address
from microflack_common.log_lines import LineFormatter

HEADER = "X-Request-ID"
VALID_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
# The load balancer asks for these every second: they would drown the rest.
QUIET_PATHS = {"/healthz", "/readyz", "/metrics"}

access_log = logging.getLogger("microflack.access")


class JsonFormatter(LineFormatter):
    """Format records as JSON, with the id of the request that they belong to."""

    def about(self) -> dict[str, Any]:
        """Return the ids of the request and its trace, if there are such."""
        found = {"request_id": current_request_id(), "trace_id": traces.current_id()}
        return {name: value for name, value in found.items() if value}


def configure(service: str = "", instance: str = "", level: str = "INFO") -> None:
    """Send all logging of this process to standard output; calling it again is free."""
    log_lines.configure(JsonFormatter(service, instance), level)


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
