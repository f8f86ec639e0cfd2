"""The clients of this instance: whose they are, and whether their users are online."""

import logging
import time

from flask import Flask
from flask_socketio import SocketIO

from microflack_common import service_tokens
from microflack_common.errors import ServiceUnavailable
from microflack_common.http import Client as HttpClient
from microflack_common.service_tokens import issue_service_token
from microflack_common.tokens import Claims, issue_token
from microflack_common.workers import PeriodicTask
from microflack_socketio import user_connections
from microflack_socketio.engineio_adapter import Engine
from microflack_socketio.listeners import Listeners
from microflack_socketio.people_batches import PeopleBatches

logger = logging.getLogger(__name__)

# How often all clients are checked.
CHECK_PERIOD_SECONDS = 0.5
# A user is offline so long after their last connection was closed: a page that is
# loaded again is back by then.
OFFLINE_DELAY_SECONDS = 1.0
# When the instance stops, it disconnects its clients over so long, with a pause between
# two of them that is not longer than the second number.
DISCONNECT_ALL_SECONDS = 3.0
LONGEST_PAUSE_SECONDS = 0.1
# How long the last ones then may take to close their connection.
CLOSE_TIMEOUT_SECONDS = 1.0
# How often is looked whether they have.
CLOSE_POLL_SECONDS = 0.05
# How long the token is good by which this service speaks for a user.
OWN_TOKEN_SECONDS = 60


class Clients:
    """What is known of the clients of this instance, by their ids."""

    def __init__(self, app: Flask, socketio: SocketIO, engine: Engine) -> None:
        self._app = app
        self._socketio = socketio
        self._engine = engine
        self._services: HttpClient = app.extensions["microflack_services"]
        self._connections = user_connections.UserConnections(app.config["REDIS"])
        self._listeners = Listeners(app, engine, self.notify_expired, self._catch_up)
        engine.hears = self._listeners.hears
        self._batches = PeopleBatches(socketio, engine)
        engine.send_events_by(self._batches.broadcast)
        self._checks = PeriodicTask("clients", self._check, CHECK_PERIOD_SECONDS)
        self._refreshes = PeriodicTask(
            "connections", self._refresh, user_connections.REFRESH_PERIOD_SECONDS
        )
        self._stopping = False

    def start(self) -> None:
        """Check the clients from now on, and keep their connections counted."""
        self._checks.start()
        self._refreshes.start()

    def count(self) -> int:
        """Return how many clients are connected."""
        return self._engine.count_clients()

    def is_connected(self, sid: str) -> bool:
        """Say whether a client is connected."""
        return self._engine.is_connected(sid)

    def record_token(self, sid: str, claims: Claims) -> None:
        """Remember the token that came with a client's event, or when it connected."""
        before = self._listeners.get(sid)
        self._listeners.use(sid, claims)
        user_id = before.claims.user_id if before else None
        if user_id != claims.user_id:
            if user_id is not None:
                self._connections.remove(user_id, sid)
            self._connections.refresh([(claims.user_id, sid)])

    def want_batches(self, sid: str) -> None:
        """Have a client hear of people together, as ``updated_models``."""
        self._batches.want(sid)

    def refuse_token(self, sid: str) -> None:
        """Tell a client, when it has connected, that its token is not good."""
        self._listeners.refuse(sid)

    def remove(self, sid: str) -> None:
        """Forget a client; its user is offline if this was the last connection."""
        self._batches.forget(sid)
        listener = self._listeners.remove(sid)
        # An instance that stops disconnects clients that come back to another one.
        if listener is not None and not self._stopping:
            user_id = listener.claims.user_id
            self._socketio.start_background_task(self._leave, user_id, sid)

    def check_tokens(self) -> None:
        """Notify the clients whose token has been ended: some may have been."""
        self._listeners.check_all()
        self._socketio.start_background_task(self._listeners.check)

    def notify_expired(self, sid: str) -> None:
        """Tell a client that its token is no longer good, and what it gave is over."""
        self._listeners.end(sid)
        self._socketio.emit("expired_token", to=sid, ignore_queue=True)

    def _catch_up(self, sid: str) -> None:
        self._socketio.emit("catch_up", to=sid, ignore_queue=True)

    def disconnect_all(self) -> None:
        """Disconnect all clients, a few at a time: they go to other instances.

        Call it when the instance stops and lets nobody in any more.
        """
        self._stopping = True
        self._refreshes.stop()
        self._refresh(user_connections.MOVING_LIFETIME_SECONDS)
        session_ids = self._engine.session_ids()
        pause = DISCONNECT_ALL_SECONDS / max(1, len(session_ids))
        for session_id in session_ids:
            self._engine.disconnect(session_id)
            self._socketio.sleep(min(pause, LONGEST_PAUSE_SECONDS))
        end = time.monotonic() + CLOSE_TIMEOUT_SECONDS
        while self._engine.websockets and time.monotonic() < end:
            self._socketio.sleep(CLOSE_POLL_SECONDS)
        for websocket in list(self._engine.websockets.values()):
            websocket.close()

    def _leave(self, user_id: int, sid: str) -> None:
        self._connections.remove(user_id, sid)
        self._socketio.sleep(OFFLINE_DELAY_SECONDS)
        if self._has_connection(user_id):
            return
        self._set_online("DELETE", user_id)
        if self._has_connection(user_id):
            # They came back during the request.
            self._set_online("PUT", user_id)

    def _has_connection(self, user_id: int) -> bool:
        here = any(one.claims.user_id == user_id for _, one in self._listeners.items())
        return here or self._connections.has_any(user_id)

    def _set_online(self, method: str, user_id: int) -> None:
        # The client's own token may have expired: the service speaks for the user.
        try:
            with self._app.app_context():
                status = 401
                if service_tokens.are_possible():
                    status = self._ask(method, issue_service_token(user_id))
                if status == 401:
                    # An older release of the users service knows no other way.
                    self._ask(method, issue_token(user_id, OWN_TOKEN_SECONDS))
        except ServiceUnavailable as error:
            # Without a sign of life the user is offline soon anyway.
            logger.warning("The users service was not told: %s", error)

    def _ask(self, method: str, token: str) -> int:
        headers = {"Authorization": f"Bearer {token}"}
        answer = self._services.request(method, "/api/users/me", headers=headers)
        return answer.status_code

    def _refresh(
        self, lifetime_seconds: int = user_connections.LIFETIME_SECONDS
    ) -> None:
        mine = [(one.claims.user_id, sid) for sid, one in self._listeners.items()]
        self._connections.refresh(mine, lifetime_seconds)

    def _check(self) -> None:
        self._listeners.check()
        for session_id in self._engine.overflowed():
            self._disconnect(session_id)

    def _disconnect(self, session_id: str) -> None:
        if self._engine.disconnect(session_id):
            logger.info("Disconnected a client that does not read")
        if websocket := self._engine.websockets.get(session_id):
            websocket.close()
