"""Follow what requests do through all services, if somebody is told of it (traces).

OTEL_EXPORTER_OTLP_ENDPOINT, the variable of OpenTelemetry, says who. Without it nothing
is noted here, and what would do so (``tracing`` and its libraries) is not loaded.

A trace is made of spans: what one service does for a request, and the steps of that.
Nothing that people write, no address and no secret is in them.
Reference: the OpenTelemetry specification, "Traces"; W3C Trace Context.
"""

import os
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from types import ModuleType
from typing import Any

from flask import Flask

ENDPOINT = "OTEL_EXPORTER_OTLP_ENDPOINT"
# The kinds of spans: how a step has to do with other services.
INTERNAL, SERVER, CLIENT = "INTERNAL", "SERVER", "CLIENT"
PRODUCER, CONSUMER = "PRODUCER", "CONSUMER"

# What leads back to a span, and to the request that it belongs to. It may be handed to
# other threads and services, as JSON, too.
Origin = Mapping[str, str]

_NOTHING: AbstractContextManager[None] = nullcontext()
_spans: ModuleType | None = None


def init_app(app: Flask) -> None:
    """Have the requests of ``app`` followed, if somebody is told of them.

    Call it after ``logs.init_app``, with the models imported. Raises ConfigError if the
    variable is no URL.
    """
    global _spans
    if os.environ.get(ENDPOINT, "").strip():
        from microflack_common import tracing, tracing_spans

        tracing.init_app(app)
        _spans = tracing_spans


def step(
    name: str,
    kind: str = INTERNAL,
    links: Sequence[Origin | None] = (),
    attributes: Mapping[str, Any] | None = None,
) -> AbstractContextManager[None]:
    """Note the block as a step of what is followed here; an error ends and marks it.

    :param name: one of few, so that they can be compared: with no value in it.
    :param links: what else it is done for.
    """
    if _spans is None:
        return _NOTHING
    found: AbstractContextManager[None] = _spans.step(name, kind, links, attributes)
    return found


def begin(name: str, kind: str = SERVER) -> AbstractContextManager[None]:
    """Note the block as the beginning of a trace."""
    if _spans is None:
        return _NOTHING
    found: AbstractContextManager[None] = _spans.begin(name, kind, None)
    return found


def begin_linked(name: str, origin: Origin | None) -> AbstractContextManager[None]:
    """Note the block as a trace of its own, which comes of another one.

    For what is done later, and takes as long as it takes. Without an origin nothing is
    noted.
    """
    if _spans is None or not origin:
        return _NOTHING
    found: AbstractContextManager[None] = _spans.begin(name, INTERNAL, origin)
    return found


def go_on(name: str, kind: str, origin: object) -> AbstractContextManager[None]:
    """Note the block as a step of what is followed elsewhere.

    :param origin: what ``origin`` has returned there. Without it, or if it is something
        else, nothing is noted.
    """
    if _spans is None or not origin:
        return _NOTHING
    found: AbstractContextManager[None] = _spans.go_on(name, kind, origin)
    return found


def within(origin: Origin | None) -> AbstractContextManager[None]:
    """Have the steps in the block belong to what another thread has begun."""
    if _spans is None or not origin:
        return _NOTHING
    found: AbstractContextManager[None] = _spans.within(origin)
    return found


def origin() -> Origin | None:
    """Return what leads back to the step that this is; None if nothing is followed."""
    found: Origin | None = _spans.origin() if _spans else None
    return found


def headers() -> Mapping[str, str]:
    """Return what another service has to be sent, so that it goes on with the trace."""
    found: Mapping[str, str] = _spans.headers() if _spans else {}
    return found


def answered(status: int) -> None:
    """Note the status of an answer with the step that this is."""
    if _spans:
        _spans.note_status(status, failed_from=400)


def current_id() -> str | None:
    """Return the id of the trace that this belongs to; None if nobody is told of it."""
    found: str | None = _spans.current_id() if _spans else None
    return found
