"""The clients of this instance: whose they are, and when something ends for them."""

import logging
import time
from dataclasses import dataclass

from flask import Flask
from flask_socketio import SocketIO

from microflack_common.errors import ServiceUnavailable
from microflack_common.http import Client as HttpClient
from microflack_common.tokens import Claims, issue_token
from microflack_socketio.engineio_adapter import Engine
from microflack_socketio.user_connections import (
    LIFETIME,
    MOVING,
    REFRESH,
    UserConnections,
)

logger = logging.getLogger(__name__)

# Seconds between two looks at all clients.
TICK = 0.5
# Seconds after which somebody whose last connection was closed is offline: a page that
# is loaded again is back by then.
GRACE = 1.0
# Seconds over which clients are sent away when the instance stops, the longest pause
# between two of them, and what the last ones then get to finish.
SPREAD, PAUSE, FAREWELL = 3.0, 0.1, 1.0


@dataclass
class _Client:
    """The connection of a user, and the token that was used on it last."""

    user_id: int
    token_id: str
    expires_at: int
    notified: bool = False


class Clients:
    """Everything that is known of the clients of one instance, by session id."""

    def __init__(self, app: Flask, socketio: SocketIO, engine: Engine) -> None:
        self._app = app
        self._socketio = socketio
        self._engine = engine
        self._services: HttpClient = app.extensions["microflack_services"]
        self._connections = UserConnections(app.config["REDIS"])
        self._clients: dict[str, _Client] = {}
        self._leaving = False

    def start(self) -> None:
        """Look after the clients from now on."""
        self._socketio.start_background_task(self._run)

    def count(self) -> int:
        """Return how many clients are connected."""
        return self._engine.count_clients()

    def is_connected(self, sid: str) -> bool:
        """Say whether a client is connected."""
        return self._engine.is_connected(sid)

    def used(self, sid: str, claims: Claims) -> None:
        """Remember with whose token an event came."""
        before = self._clients.get(sid)
        self._clients[sid] = _Client(claims.user_id, claims.token_id, claims.expires_at)
        if before is None or before.user_id != claims.user_id:
            if before is not None:
                self._connections.remove(before.user_id, sid)
            self._connections.refresh([(claims.user_id, sid)])

    def gone(self, sid: str) -> None:
        """Forget a client; its user is offline if this was the last connection."""
        client = self._clients.pop(sid, None)
        # Who is sent away by an instance that stops comes back to another one.
        if client is not None and not self._leaving:
            self._socketio.start_background_task(self._left, client.user_id, sid)

    def revoked(self, token_id: str) -> None:
        """Tell the clients that used this token."""
        for sid, client in list(self._clients.items()):
            if client.token_id == token_id and not client.notified:
                self.expired(sid)

    def expired(self, sid: str) -> None:
        """Tell a client that its token is no longer good."""
        if client := self._clients.get(sid):
            client.notified = True
        self._socketio.emit("expired_token", to=sid, ignore_queue=True)

    def leave(self) -> None:
        """Send all clients away, a few at a time: they come back to other instances.

        For the instance that stops; it lets nobody in any more.
        """
        self._leaving = True
        self._refresh(MOVING)
        sessions = self._engine.session_ids()
        pause = min(PAUSE, SPREAD / max(1, len(sessions)))
        for session_id in sessions:
            self._engine.disconnect(session_id)
            self._socketio.sleep(pause)
        end = time.monotonic() + FAREWELL
        while self._engine.websockets and time.monotonic() < end:
            self._socketio.sleep(0.05)
        for websocket in list(self._engine.websockets.values()):
            websocket.close()

    def _left(self, user_id: int, sid: str) -> None:
        self._connections.remove(user_id, sid)
        self._socketio.sleep(GRACE)
        if self._connected(user_id):
            return
        self._set_online("DELETE", user_id)
        if self._connected(user_id):
            # They came back while we were asking.
            self._set_online("PUT", user_id)

    def _connected(self, user_id: int) -> bool:
        here = any(client.user_id == user_id for client in self._clients.values())
        return here or self._connections.any_of(user_id)

    def _set_online(self, method: str, user_id: int) -> None:
        # The client's own token may have expired: the service speaks for them.
        with self._app.app_context():
            token = issue_token(user_id, lifetime=60)
        try:
            headers = {"Authorization": f"Bearer {token}"}
            self._services.request(method, "/api/users/me", headers=headers)
        except ServiceUnavailable as error:
            # Without a sign of life they are offline soon anyway.
            logger.warning("The users service was not told: %s", error)

    def _run(self) -> None:
        refreshed = time.monotonic()
        while True:
            self._socketio.sleep(TICK)
            try:
                self._look()
                if time.monotonic() - refreshed >= REFRESH and not self._leaving:
                    refreshed = time.monotonic()
                    self._refresh(LIFETIME)
            except Exception:
                logger.exception("Looking after the clients failed; going on")

    def _refresh(self, lifetime: int) -> None:
        mine = list(self._clients.items())
        self._connections.refresh([(c.user_id, sid) for sid, c in mine], lifetime)

    def _look(self) -> None:
        now = time.time()
        for sid, client in list(self._clients.items()):
            if client.expires_at <= now and not client.notified:
                self.expired(sid)
        for session_id in self._engine.overflowed():
            self._disconnect(session_id)

    def _disconnect(self, session_id: str) -> None:
        if self._engine.disconnect(session_id):
            logger.info("Disconnected a client that does not read")
        if websocket := self._engine.websockets.get(session_id):
            websocket.close()
