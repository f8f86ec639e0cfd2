"""Serve /healthz, /readyz and /metrics on the service's own port."""

import logging
import threading
import time
from collections.abc import Callable, Mapping

from flask import Blueprint, Flask, Response, g, jsonify, request
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
)

from microflack_common.errors import error_response

logger = logging.getLogger(__name__)

PATHS = {"/healthz", "/readyz", "/metrics"}
# Strangers invent others, and each would be counted for ever.
METHODS = {"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"}
BUCKETS_SECONDS = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10)


class Activity:
    """When this process was last asked for something that is not a health check."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._running = 0
        self._last = time.monotonic()

    def begin(self) -> None:
        """Count a request in."""
        with self._changed:
            self._running += 1

    def end(self) -> None:
        """Count a request out."""
        with self._changed:
            self._running -= 1
            self._last = time.monotonic()
            self._changed.notify_all()

    def wait_until_quiet(self, quiet: float, timeout: float) -> bool:
        """Wait until no request has run for ``quiet`` seconds; False at ``timeout``."""
        end = time.monotonic() + timeout
        with self._changed:
            while (now := time.monotonic()) < end:
                due = end if self._running else self._last + quiet
                if due <= now:
                    return True
                self._changed.wait(min(due, end) - now)
        return False


def init_app(app: Flask, checks: Mapping[str, Callable[[], object]]) -> Activity:
    """Add the three endpoints to ``app`` and return its activity.

    :param checks: what /readyz asks: a name and a function that raises when the
        dependency of that name does not answer.
    """
    activity = app.extensions["microflack_activity"] = Activity()
    # A plain blueprint: the API's description leaves its routes out.
    health = Blueprint("health", __name__)
    health.add_url_rule("/healthz", "healthz", lambda: jsonify(status="ok"))
    health.add_url_rule("/readyz", "readyz", lambda: _ready(checks))
    metrics = _count_requests(app, activity)
    health.add_url_rule("/metrics", "metrics", lambda: _exposition(metrics))
    app.register_blueprint(health)
    return activity


def add_gauge(
    app: Flask, name: str, description: str, function: Callable[[], float]
) -> None:
    """Show in /metrics what ``function`` returns; after ``init_app``."""
    registry: CollectorRegistry = app.extensions["microflack_metrics"]
    Gauge(name, description, registry=registry).set_function(function)


def _ready(checks: Mapping[str, Callable[[], object]]) -> Response:
    failed = []
    for name, check in checks.items():
        try:
            check()
        except Exception as error:
            logger.warning("Not ready: %s: %s", name, type(error).__name__)
            failed.append(name)
    if failed:
        return error_response(503, f"Not ready: no answer from {', '.join(failed)}.")
    return jsonify(status="ready")


def _exposition(registry: CollectorRegistry) -> Response:
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def _count_requests(app: Flask, activity: Activity) -> CollectorRegistry:
    registry = app.extensions["microflack_metrics"] = CollectorRegistry()
    total = Counter(
        "http_requests_total",
        "Requests answered",
        ["method", "endpoint", "status"],
        registry=registry,
    )
    seconds = Histogram(
        "http_request_duration_seconds",
        "Time to answer a request",
        ["endpoint"],
        buckets=BUCKETS_SECONDS,
        registry=registry,
    )

    def begin() -> None:
        if request.path not in PATHS:
            g.counted_from = time.perf_counter()
            activity.begin()

    def observe(response: Response) -> Response:
        if start := g.get("counted_from"):
            endpoint = request.endpoint or "none"
            method = request.method if request.method in METHODS else "other"
            total.labels(method, endpoint, response.status_code).inc()
            seconds.labels(endpoint).observe(time.perf_counter() - start)
        return response

    def end(_error: BaseException | None) -> None:
        if g.pop("counted_from", None):
            activity.end()

    app.before_request(begin)
    app.after_request(observe)
    app.teardown_request(end)
    return registry
