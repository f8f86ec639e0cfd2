"""The spans of this process: what ``traces`` promises, by the libraries for it.

Needs the extra ``microflack-common[traces]``.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from opentelemetry import context as contexts
from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.sdk.trace import Span as OwnSpan
from opentelemetry.sdk.trace import SpanProcessor
from opentelemetry.trace import Link, Span, SpanKind, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from microflack_common import logs
from microflack_common.traces import Origin

# W3C Trace Context, 3.2.
HEADER = "traceparent"
REQUEST_ID = "request_id"

_KEY = contexts.create_key(REQUEST_ID)
_PROPAGATOR = TraceContextTextMapPropagator()
_tracer = trace.get_tracer("microflack_common")


class RequestIds(SpanProcessor):
    """Notes with each span the id of the request that it belongs to."""

    def on_start(self, span: OwnSpan, parent_context: Context | None = None) -> None:
        """Note it: it stands in the lines of all logs, too."""
        if request_id := contexts.get_value(_KEY, parent_context):
            span.set_attribute("request.id", str(request_id))


def begin_request(
    name: str, header: str, request_id: str, attributes: Mapping[str, str]
) -> Callable[[], None]:
    """Begin the span of a request, which is current until what is returned is called.

    :param header: of who asks, if that is followed.
    """
    context = _context({HEADER: header, REQUEST_ID: request_id})
    span = _tracer.start_span(name, context, SpanKind.SERVER, attributes)
    token = contexts.attach(trace.set_span_in_context(span, context))

    def end() -> None:
        span.end()
        contexts.detach(token)

    return end


@contextmanager
def step(
    name: str,
    kind: str,
    links: Sequence[Origin | None],
    attributes: Mapping[str, Any] | None,
) -> Iterator[None]:
    """Note the block as a step; see ``traces.step``."""
    if not _is_followed(None):
        yield
        return
    with _noted(name, kind, None, [_link(one) for one in links if one], attributes):
        yield


@contextmanager
def begin(name: str, kind: str, origin: Origin | None) -> Iterator[None]:
    """Note the block as a trace; see ``traces.begin`` and ``traces.begin_linked``."""
    request_id = origin.get(REQUEST_ID) if origin else logs.current_request_id()
    context = _context({REQUEST_ID: request_id or ""})
    with _noted(name, kind, context, [_link(origin)] if origin else []):
        yield


@contextmanager
def go_on(name: str, kind: str, origin: object) -> Iterator[None]:
    """Note the block as a step of what is followed elsewhere; see ``traces.go_on``."""
    context = _context(origin)
    if not _is_followed(context):
        yield
        return
    with _noted(name, kind, context):
        yield


@contextmanager
def within(origin: Origin) -> Iterator[None]:
    """Have steps belong to what another thread has begun; see ``traces.within``."""
    token = contexts.attach(_context(origin))
    try:
        yield
    finally:
        contexts.detach(token)


def origin() -> Origin | None:
    """Return what leads back to the current span; see ``traces.origin``."""
    found = headers()
    if found and (request_id := contexts.get_value(_KEY)):
        found[REQUEST_ID] = str(request_id)
    return found or None


def headers() -> dict[str, str]:
    """Return the headers of the current span; see ``traces.headers``."""
    found: dict[str, str] = {}
    _PROPAGATOR.inject(found)
    return {HEADER: found[HEADER]} if HEADER in found else {}


def note_status(status: int, failed_from: int) -> None:
    """Note the status of an answer with the current span.

    :param failed_from: the lowest one that is a failure.
    """
    span = trace.get_current_span()
    span.set_attribute("http.response.status_code", status)
    if status >= failed_from:
        fail(span, str(status))


def fail(span: Span, kind: str) -> None:
    """Mark a span as failed, by the kind of the error: people's words may be in it."""
    span.set_attribute("error.type", kind)
    span.set_status(StatusCode.ERROR)


def current_id() -> str | None:
    """Return the id of the current trace; see ``traces.current_id``."""
    found = trace.get_current_span().get_span_context()
    is_told = found.is_valid and found.trace_flags.sampled
    return trace.format_trace_id(found.trace_id) if is_told else None


@contextmanager
def _noted(
    name: str,
    kind: str,
    context: Context | None,
    links: Sequence[Link] = (),
    attributes: Mapping[str, Any] | None = None,
) -> Iterator[None]:
    """Note the block as a span below that of ``context``, by default the current one.

    What belongs to the context, the id of a request, does so within the block, too.
    """
    of = contexts.get_current() if context is None else context
    span = _tracer.start_span(name, of, SpanKind[kind], attributes, links)
    token = contexts.attach(trace.set_span_in_context(span, of))
    try:
        yield
    except Exception as error:
        fail(span, type(error).__name__)
        raise
    finally:
        span.end()
        contexts.detach(token)


def _is_followed(context: Context | None) -> bool:
    return trace.get_current_span(context).get_span_context().is_valid


def _context(origin: object) -> Context:
    """Return the context that an origin leads to: an empty one, if it is none."""
    found = origin if isinstance(origin, Mapping) else {}
    header, request_id = (str(found.get(name) or "") for name in (HEADER, REQUEST_ID))
    context = _PROPAGATOR.extract({HEADER: header}, Context())
    return contexts.set_value(_KEY, request_id, context) if request_id else context


def _link(origin: Origin) -> Link:
    return Link(trace.get_current_span(_context(origin)).get_span_context())
