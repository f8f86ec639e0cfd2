"""Have an application's requests followed: for ``traces``, which loads this if need be.

The libraries that do so for whole libraries (opentelemetry-instrumentation-*) are not
used: they would send the header of traces to strangers as well, whose pages are asked,
they note the words of searches, and do not know SQLAlchemy 2.1.
Needs the extra ``microflack-common[traces]``.
"""

import os
import sys

from flask import Flask, Response, g, request
from opentelemetry import trace
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider

from microflack_common import tracing_spans
from microflack_common.config import Environment
from microflack_common.health import METHODS, PATHS
from microflack_common.traces import ENDPOINT
from microflack_common.tracing_sender import Sender

_sender: Sender | None = None


def init_app(app: Flask) -> None:
    """Have the requests of ``app`` followed; see ``traces.init_app``."""
    global _sender
    if _sender is None:
        _sender = _begin(app)
    _sender.show(app)
    app.before_request(_begin_request)
    app.after_request(_note_answer)
    app.teardown_request(_end_request)


def _begin(app: Flask) -> Sender:
    """Have this process say who it is, and send its spans."""
    env = Environment(os.environ)
    service = env.text("SERVICE_NAME", app.name.removeprefix("microflack_"))
    sender = Sender(env.url(ENDPOINT))
    env.check()
    names = {
        "service.namespace": "microflack",
        "service.name": service,
        "service.version": env.text("SERVICE_VERSION", "unknown"),
        "service.instance.id": env.text("INSTANCE_NAME", service),
    }
    # Which requests are followed it reads from OTEL_TRACES_SAMPLER.
    provider = TracerProvider(resource=Resource.create(names), shutdown_on_exit=False)
    provider.add_span_processor(tracing_spans.RequestIds())
    provider.add_span_processor(sender)
    trace.set_tracer_provider(provider)
    # Who has a database has loaded its models.
    if "sqlalchemy" in sys.modules:
        from microflack_common import tracing_database

        tracing_database.listen()
    return sender


def _begin_request() -> None:
    if request.path in PATHS:
        return
    # Strangers invent others.
    method = request.method if request.method in METHODS else "_OTHER"
    # Not the path: codes may be in it, by which people are let in.
    route = request.url_rule.rule if request.url_rule else ""
    attributes = {"http.request.method": method}
    if route:
        attributes["http.route"] = route
    g.trace = tracing_spans.begin_request(
        f"{method} {route}".rstrip(),
        request.headers.get(tracing_spans.HEADER, ""),
        g.request_id,
        attributes,
    )


def _note_answer(response: Response) -> Response:
    if "trace" in g:
        tracing_spans.note_status(response.status_code, failed_from=500)
    return response


def _end_request(_error: BaseException | None) -> None:
    if (end := g.pop("trace", None)) is not None:
        end()
