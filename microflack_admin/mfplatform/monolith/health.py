"""How the monolith is: what all of its services say about themselves, together.

Only who asks at the socket in the run folder is told: the public address has the same
answers as a load balancer's, which keeps these paths for itself.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from wsgiref.types import StartResponse, WSGIEnvironment

from flask import Flask
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector, CollectorRegistry
from werkzeug.test import run_wsgi_app
from werkzeug.wrappers import Response

from mfplatform.monolith.answers import as_json, error


class Health:
    """A WSGI application that answers /healthz, /readyz and /metrics.

    :param apps: the services' applications by their names.
    """

    def __init__(self, apps: Mapping[str, Flask]) -> None:
        self._apps = apps
        self._metrics = CollectorRegistry()
        self._metrics.register(_Labelled(apps))

    def __call__(
        self, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        """Answer a request, if it came by the socket."""
        return self._answer(environ)(environ, start_response)

    def _answer(self, environ: WSGIEnvironment) -> Response:
        # Who comes by a socket of this kind has no address.
        if environ.get("REMOTE_ADDR"):
            return error(404, "There is nothing at this address.")
        path = environ["PATH_INFO"]
        if path == "/metrics":
            text = generate_latest(self._metrics)
            return Response(text, content_type=CONTENT_TYPE_LATEST)
        return self.ready() if path == "/readyz" else as_json({"status": "ok"}, 200)

    def ready(self) -> Response:
        """Return the answer at /readyz: 200 if all services are ready."""
        for name, app in self._apps.items():
            environ = {"REQUEST_METHOD": "GET", "PATH_INFO": "/readyz"}
            chunks, status, _ = run_wsgi_app(app.wsgi_app, _complete(environ))
            if not status.startswith("200"):
                told = json.loads(b"".join(chunks))["error"]
                return error(503, f"{name}: {told}")
        return as_json({"status": "ready"}, 200)


class _Labelled(Collector):
    """The metrics of all services, each with the name of its own as a label."""

    def __init__(self, apps: Mapping[str, Flask]) -> None:
        self._apps = apps

    def collect(self) -> Iterator[Metric]:
        """Return them, each kind once."""
        kinds: dict[str, Metric] = {}
        for name, app in self._apps.items():
            for one in app.extensions["microflack_metrics"].collect():
                kind = kinds.setdefault(
                    one.name, Metric(one.name, one.documentation, one.type)
                )
                for sample in one.samples:
                    labels = {"service": name, **sample.labels}
                    kind.samples.append(sample._replace(labels=labels))
        yield from kinds.values()


def _complete(environ: WSGIEnvironment) -> WSGIEnvironment:
    return {
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.url_scheme": "http",
        **environ,
    }
