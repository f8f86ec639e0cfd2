"""Send spans to their receiver, by a thread: nobody waits for that.

A receiver that is away costs spans and nothing else: so many wait, the oldest go, all
that are lost are counted, and that is said once. (The library's own queue does not
count what it drops.) Needs the extra ``microflack-common[traces]``.
"""

import logging
from functools import partial

from flask import Flask
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor
from opentelemetry.sdk.trace.export import SpanExportResult

from microflack_common.health import add_gauge
from microflack_common.lifecycle import at_start
from microflack_common.outage import Outage
from microflack_common.workers import BatchWorker

# Spans that wait, and that go together; and the least time between two requests.
CAPACITY, BATCH_SIZE, PERIOD_SECONDS = 4000, 1000, 0.25
# For the last ones when the process ends.
EXIT_TIMEOUT_SECONDS = 2.0


class Sender(SpanProcessor):
    """Sends the spans of this process.

    :param endpoint: the receiver's URL, of OTLP by HTTP.
    """

    def __init__(self, endpoint: str) -> None:
        self._endpoint = endpoint
        # It reads OTEL_EXPORTER_OTLP_*, and logs each of its tries.
        logging.getLogger("opentelemetry.exporter").setLevel("CRITICAL")
        self._exporter = OTLPSpanExporter()
        self._worker: BatchWorker[ReadableSpan] = BatchWorker(
            "traces",
            self._send,
            BATCH_SIZE,
            CAPACITY,
            drop_oldest=True,
            exit_timeout_seconds=EXIT_TIMEOUT_SECONDS,
            period_seconds=PERIOD_SECONDS,
        )
        self._outage = Outage("Traces are lost", "Traces are taken again")
        self._refused = 0

    @property
    def lost(self) -> int:
        """Return how many spans nobody has got."""
        return self._refused + self._worker.dropped

    def show(self, app: Flask) -> None:
        """Show in the /metrics of ``app`` how many were lost, once it serves."""
        told = ("traces_lost_spans", "Spans of traces that nobody has got")
        at_start(app, partial(add_gauge, app, *told, lambda: self.lost))

    def on_end(self, span: ReadableSpan) -> None:
        """Have a span sent soon, if its trace is one of those that are told."""
        if span.context and span.context.trace_flags.sampled:
            self._worker.submit(span)

    def _send(self, spans: list[ReadableSpan]) -> None:
        if self._exporter.export(spans) is SpanExportResult.SUCCESS:
            self._outage.end()
            return
        self._refused += len(spans)
        self._outage.begin(ConnectionError(f"{self._endpoint} does not take them"))
