"""The Socket.IO service as a Flask application."""

import logging

from flask import Flask
from flask_socketio import SocketIO

from microflack_common import errors, health, logs, revocation
from microflack_common.background import at_start, at_stop
from microflack_common.http import Client
from microflack_common.registry import Registry
from microflack_socketio import events, limits
from microflack_socketio.clients import Clients
from microflack_socketio.config import Config
from microflack_socketio.engineio_adapter import Engine
from microflack_socketio.redis_event_manager import RedisEventManager
from microflack_socketio.request_guard import RequestGuard

# Clients wait for the answer to an event, and Engine.IO for theirs to a ping: a service
# that does not answer must not take longer.
PATIENCE = (1.0, 5.0)


def create_app(config: object | None = None, registry: Registry | None = None) -> Flask:
    """Return the application; the parameters take the place of the environment."""
    app = Flask("microflack_socketio", static_folder=None)
    app.config.from_object(config or Config())
    logs.init_app(app)
    errors.init_app(app)
    app.extensions["microflack_services"] = Client(app.config["LB"], PATIENCE)
    revoked = revocation.init_app(app, registry)
    checks = {"registry": revoked.check}
    queue = None
    if app.config["REDIS"]:
        queue = RedisEventManager(app.config["REDIS"])
        checks["redis"] = queue.check
        at_start(app, queue.start)
    socketio = _socketio(app, queue)
    engine = Engine(socketio)
    clients = Clients(app, socketio, engine)
    revoked.on_revoked(clients.revoked)
    events.init_app(app, socketio, clients)
    health.init_app(app, checks)
    health.add_gauge(app, "connected_clients", "Clients connected", clients.count)
    guard = RequestGuard(app.wsgi_app, engine)
    app.wsgi_app = guard  # type: ignore[method-assign]
    at_start(app, clients.start)
    at_stop(app, guard.close)
    at_stop(app, clients.leave)
    return app


def _socketio(app: Flask, queue: RedisEventManager | None) -> SocketIO:
    log = logging.getLogger("microflack.socketio")
    # The libraries tell of every packet otherwise.
    log.setLevel("ERROR")
    return SocketIO(
        app,
        async_mode=app.config["ASYNC_MODE"],
        **({"client_manager": queue} if queue else {}),
        # A client's events are handled one after the other, and no faster than it can
        # send them.
        async_handlers=False,
        manage_session=False,
        max_http_buffer_size=limits.LARGEST,
        logger=log,
        engineio_logger=log,
    )
