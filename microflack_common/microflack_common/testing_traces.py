"""A receiver of traces for tests: OTLP by HTTP, as the OpenTelemetry collector has it.

Needs the extra ``microflack-common[traces]``.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
)
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

PATH = "/v1/traces"
# However busy the machine is.
TIMEOUT_SECONDS = 120.0
POLL_SECONDS = 0.05


class ReceivedSpan(NamedTuple):
    """A span as it came; ids are hexadecimal."""

    service: str
    name: str
    kind: str
    trace_id: str
    span_id: str
    parent_id: str
    attributes: dict[str, str]
    # The ids of the traces that it comes of besides.
    links: list[str]
    failed: bool


class TraceReceiver(ThreadingHTTPServer):
    """Keeps all spans that come.

    :param port: where it listens, on this machine; 0: anywhere.
    """

    daemon_threads = True

    def __init__(self, port: int = 0) -> None:
        self.spans: list[ReceivedSpan] = []
        # All that came, to see what is not in it.
        self.bodies = b""
        super().__init__(("127.0.0.1", port), _Handler)

    @property
    def url(self) -> str:
        """Return what OTEL_EXPORTER_OTLP_ENDPOINT is to say."""
        return f"http://127.0.0.1:{self.server_port}"

    def wait_for(
        self, condition: Callable[[list[ReceivedSpan]], bool]
    ) -> list[ReceivedSpan]:
        """Return all spans as soon as a condition holds for them.

        :raises TimeoutError: it does not come to that; the text has their names.
        """
        end = time.monotonic() + TIMEOUT_SECONDS
        while not condition(found := list(self.spans)):
            if time.monotonic() > end:
                names = ", ".join(f"{one.service}: {one.name}" for one in found)
                raise TimeoutError(f"these spans came: {names or 'none'}")
            time.sleep(POLL_SECONDS)
        return found


class _Handler(BaseHTTPRequestHandler):
    server: TraceReceiver
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        """Take spans over."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.bodies += body
        if self.path == PATH:
            self.server.spans += _spans(ExportTraceServiceRequest.FromString(body))
        self.send_response(200 if self.path == PATH else 404)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_arguments: object) -> None:
        """Say nothing."""


def _spans(sent: ExportTraceServiceRequest) -> Iterator[ReceivedSpan]:
    for of_resource in sent.resource_spans:
        about = _texts(of_resource.resource.attributes)
        for of_scope in of_resource.scope_spans:
            for span in of_scope.spans:
                yield _received(about["service.name"], span)


def _received(service: str, span: Span) -> ReceivedSpan:
    return ReceivedSpan(
        service,
        span.name,
        Span.SpanKind.Name(span.kind).removeprefix("SPAN_KIND_"),
        span.trace_id.hex(),
        span.span_id.hex(),
        span.parent_span_id.hex(),
        _texts(span.attributes),
        [link.trace_id.hex() for link in span.links],
        span.status.code == Status.STATUS_CODE_ERROR,
    )


def _texts(attributes: object) -> dict[str, str]:
    """Return attributes as texts, whatever they are."""
    pairs = ((one.key, one.value) for one in attributes)  # type: ignore[attr-defined]
    return {key: str(getattr(v, v.WhichOneof("value") or "")) for key, v in pairs}


@contextmanager
def trace_receiver(port: int = 0) -> Iterator[TraceReceiver]:
    """Run a receiver while the block runs."""
    server = TraceReceiver(port)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
