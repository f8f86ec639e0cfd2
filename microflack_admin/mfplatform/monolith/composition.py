"""The applications of all services as one, each at the path that it has anyway."""

import os
import socket
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from flask import Flask

from mfplatform.monolith import interim, services
from mfplatform.monolith.allowance import Allowance
from mfplatform.monolith.answers import error
from mfplatform.monolith.edge import Edge
from mfplatform.monolith.health import Health
from mfplatform.monolith.moved import Moved
from mfplatform.monolith.services import Service
from mfplatform.monolith.turns import Turns
from microflack_common import lifecycle, local, local_calls
from microflack_common.health import PATHS

# As many as an instance has threads: each may hold 19 MiB for a password, and a
# connection to a database. Who only waits for events is not counted.
AT_A_TIME = 8
# Who takes over would publish the rest, later than what came after it.
FLUSH_SECONDS = 10.0


class Composition:
    """A WSGI application that hands each request to the service of its path.

    ``extensions`` are what ``microflack_common.serve`` asks an application for.

    :param apps: the services with their applications.
    :param moved: those that are elsewhere.
    """

    def __init__(
        self, apps: Mapping[Service, Flask], moved: Collection[Service] = ()
    ) -> None:
        self._apps = dict(apps)
        self._moved = {one: Moved(os.environ["LB"]) for one in moved}
        # The longest location that a path is below wins.
        known = (*apps, *moved)
        pairs = [(f"{path.rstrip('/')}/", s) for s in known for path in s.locations]
        self._routes = sorted(pairs, key=lambda pair: len(pair[0]), reverse=True)
        self._health = Health({one.name: app for one, app in apps.items()})
        self._turns = Turns(AT_A_TIME)
        self._edge: WSGIApplication = self._answer
        self.extensions = {
            "microflack_at_stop": list(self._at_stop()),
            "microflack_activity": _Activities(),
        }

    def start(self) -> None:
        """Begin what the services do besides answering; they can ask each other."""
        local_calls.serve(self.route)
        for app in self._apps.values():
            lifecycle.start(app)

    def is_ready(self) -> bool:
        """Say whether all that it has can do its work."""
        return self._health.ready().status_code == 200

    def flush(self) -> None:
        """Wait until all that was written is published, when nobody asks any more."""
        for app in self._apps.values():
            if publisher := app.extensions.get("microflack_push"):
                publisher.flush(FLUSH_SECONDS)

    def guard(self, trusted: Iterable[str], hosts: Iterable[str], counts: bool) -> None:
        """Have requests from outside checked, and counted if ``counts``.

        :param trusted: networks of proxies that say for whom they ask.
        :param hosts: the names by which it may be called; none if any will do.
        """
        allowance = Allowance(self._holds_connection) if counts else None
        self._edge = Edge(self._answer, list(trusted), allowance, hosts=list(hosts))

    def __call__(
        self, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        """Answer a request from outside."""
        return self._edge(environ, start_response)

    def _answer(
        self, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if path in PATHS:
            return self._health(environ, start_response)
        return self.route(environ, start_response)

    def route(
        self, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        """Answer a request from outside or of one service to another."""
        service = self._service(environ.get("PATH_INFO", ""))
        if service is None:
            return error(404, "There is nothing at this address.")(
                environ, start_response
            )
        if service in self._moved:
            # That may take long: who waits there takes no turn from anybody.
            with self._turns.given_back():
                return self._moved[service](environ, start_response)
        app = self._apps[service].wsgi_app
        if service.holds_connections:
            return app(environ, start_response)
        with self._turns.one(), interim.to(environ):
            return app(environ, start_response)

    def _holds_connection(self, path: str) -> bool:
        service = self._service(path)
        return service is not None and service.holds_connections

    def _service(self, path: str) -> Service | None:
        found = (s for prefix, s in self._routes if f"{path}/".startswith(prefix))
        return next(found, None)

    def _at_stop(self) -> Iterator[Callable[[], object]]:
        for app in self._apps.values():
            yield from app.extensions.get("microflack_at_stop", [])


class _Activities:
    """When the applications were last asked for something: never long ago."""

    def wait_until_quiet(self, _quiet: float, _timeout: float) -> bool:
        """Return at once: whoever asks goes on, and finds the next server."""
        return False


def settings_of(service: Service, folder: Path) -> dict[str, str]:
    """Return the environment in which a service's settings are read.

    :param folder: where its database is, in a file of its own.
    """
    own = {"SERVICE_NAME": service.name, "SERVICE_URL": service.locations[0]}
    # What is elsewhere is asked by way of Moved, which waits while it is on its way.
    own["LB"] = local.SCHEME
    if service.needs_database:
        own["DATABASE_URL"] = f"sqlite:///{folder / service.name}.db"
    return os.environ | own


def create_app() -> Composition:
    """Return the application that Gunicorn serves, as its environment describes it."""
    folder = Path(os.environ["MONOLITH_FOLDER"])
    apps = {}
    here = services.in_checkout(os.environ["MONOLITH_WITHOUT"])
    for one in here:
        create = import_module(f"{one.package}.app").create_app
        arguments = []
        if one.has_settings:
            config: Any = import_module(f"{one.package}.config").Config
            arguments = [config(settings_of(one, folder))]
        apps[one] = create(*arguments)
    moved = set(services.in_checkout()) - set(here)
    composition = Composition(apps, moved)
    hosts = filter(None, os.environ["MF_HOSTS"].split(","))
    composition.guard(_trusted(), hosts, os.environ["MF_LIMITS"] != "off")
    return composition


def _trusted() -> Iterator[str]:
    """Yield the networks of proxies that are believed."""
    yield from filter(None, os.environ["MF_TRUSTED_PROXIES"].split(","))
    # A platform's load balancer that this stands behind is one of them.
    host = urlsplit(os.environ["LB"]).hostname
    if host:
        yield socket.gethostbyname(host)
