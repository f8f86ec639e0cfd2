"""Note what the database is asked while a request is handled.

Never with the values: a statement is noted as SQLAlchemy has made it, with places for
them, and of one that was written by hand only what it begins with.
Needs the extras ``microflack-common[traces,database]``.
"""

from typing import Any

from opentelemetry import trace
from opentelemetry.trace import SpanKind
from sqlalchemy import Engine, event

from microflack_common import tracing_spans

MAX_STATEMENT_CHARACTERS = 1000
# Where the span of a statement is, while it is carried out.
SPAN = "_microflack_span"

_tracer = trace.get_tracer("microflack_common")


def listen() -> None:
    """Note the statements of all engines from now on."""
    event.listen(Engine, "before_cursor_execute", _begin)
    event.listen(Engine, "after_cursor_execute", _end)
    event.listen(Engine, "handle_error", _fail)


def _begin(
    connection: Any,
    _cursor: Any,
    statement: str,
    _values: Any,
    context: Any,
    _many: Any,
) -> None:
    # What no request asks for is nobody's to follow.
    if context is None or not trace.get_current_span().get_span_context().is_valid:
        return
    operation = statement.split(None, 1)[0].upper()
    attributes = {
        "db.system.name": connection.dialect.name,
        "db.operation.name": operation,
    }
    if context.compiled is not None:
        attributes["db.query.text"] = statement[:MAX_STATEMENT_CHARACTERS]
    span = _tracer.start_span(operation, kind=SpanKind.CLIENT, attributes=attributes)
    setattr(context, SPAN, span)


def _end(
    _connection: Any, _cursor: Any, _text: str, _values: Any, context: Any, _many: Any
) -> None:
    if span := getattr(context, SPAN, None):
        span.end()


def _fail(error: Any) -> None:
    if span := getattr(error.execution_context, SPAN, None):
        tracing_spans.fail(span, type(error.original_exception).__name__)
        span.end()
