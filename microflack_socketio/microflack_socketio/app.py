"""The Socket.IO service as a Flask application."""

import logging

from flask import Flask
from flask_socketio import SocketIO

from microflack_common import errors, health, logs, revocation, traces
from microflack_common.http import Client
from microflack_common.lifecycle import at_start, at_stop
from microflack_common.registry import Registry
from microflack_socketio import events, limits
from microflack_socketio.clients import Clients
from microflack_socketio.config import Config
from microflack_socketio.delivery import Delivery
from microflack_socketio.engineio_adapter import Engine
from microflack_socketio.redis_event_manager import RedisEventManager
from microflack_socketio.request_guard import RequestGuard
from microflack_socketio.typing_events import Tell, Typing

# How long other services may take to connect, and to answer. A client's next packets,
# its answers to pings among them, wait for that.
HTTP_TIMEOUTS_SECONDS = (1.0, 5.0)


def create_app(config: object | None = None, registry: Registry | None = None) -> Flask:
    """Return the application; the parameters take the place of the environment."""
    app = Flask("microflack_socketio", static_folder=None)
    app.config.from_object(config or Config())
    logs.init_app(app)
    traces.init_app(app)
    errors.init_app(app)
    app.extensions["microflack_services"] = Client(
        app.config["LB"], HTTP_TIMEOUTS_SECONDS
    )
    revocations = revocation.init_app(app, registry)
    checks = {"registry": revocations.check}
    manager = None
    if app.config["REDIS"]:
        manager = RedisEventManager(app.config["REDIS"])
        checks["redis"] = manager.check
        at_start(app, manager.start)
    health.init_app(app, checks)
    clients = _init_socketio(app, manager)
    revocations.on_change(clients.check_tokens)
    health.add_gauge(app, "connected_clients", "Clients connected", clients.count)
    return app


def _init_socketio(app: Flask, manager: RedisEventManager | None) -> Clients:
    socketio = _socketio(app, manager)
    engine = Engine(socketio)
    clients = Clients(app, socketio, engine)
    events.init_app(app, socketio, clients, Typing(_deliver(engine, clients, manager)))
    guard = RequestGuard(app.wsgi_app, engine)
    app.wsgi_app = guard  # type: ignore[method-assign]
    at_start(app, clients.start)
    at_stop(app, guard.reject_new_sessions)
    at_stop(app, clients.disconnect_all)
    return clients


def _deliver(
    engine: Engine, clients: Clients, manager: RedisEventManager | None
) -> Tell:
    """Have what comes from the queue handed on; return what tells all instances."""
    delivery = Delivery(
        engine,
        clients.listeners,
        clients.memberships,
        clients.batches,
        clients.knows_rooms,
    )
    if manager:
        manager.deliver = delivery.deliver
        manager.after_gap = clients.after_gap
        return manager.tell
    # An instance without a queue is all there is.
    return lambda event, argument, to: delivery.deliver(event, [argument], to)


def _socketio(app: Flask, manager: RedisEventManager | None) -> SocketIO:
    log = logging.getLogger("microflack.socketio")
    # The libraries log every packet otherwise.
    log.setLevel("ERROR")
    return SocketIO(
        app,
        async_mode=app.config["ASYNC_MODE"],
        **({"client_manager": manager} if manager else {}),
        # A client's events are handled one after the other, and no faster than it can
        # send them.
        async_handlers=False,
        manage_session=False,
        max_http_buffer_size=limits.MAX_PACKET_BYTES,
        logger=log,
        engineio_logger=log,
    )
