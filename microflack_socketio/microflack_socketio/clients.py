"""The clients of this instance: whose they are, and whether their users are online."""

import logging
import time

from flask import Flask
from flask_socketio import SocketIO

from microflack_common.tokens import Claims
from microflack_common.workers import PeriodicTask
from microflack_socketio import user_connections
from microflack_socketio.engineio_adapter import Engine
from microflack_socketio.listeners import Listeners
from microflack_socketio.member import ANYBODY
from microflack_socketio.memberships import Memberships
from microflack_socketio.people_batches import PeopleBatches
from microflack_socketio.presence import Presence
from microflack_socketio.rooms_of_users import RoomsOfUsers

logger = logging.getLogger(__name__)

# How often all clients are checked.
CHECK_PERIOD_SECONDS = 0.5
# When the instance stops, it disconnects its clients over so long, with a pause between
# two of them that is not longer than the second number.
DISCONNECT_ALL_SECONDS = 3.0
LONGEST_PAUSE_SECONDS = 0.1
# How long the last ones then may take to close their connection.
CLOSE_TIMEOUT_SECONDS = 1.0
# How often is looked whether they have.
CLOSE_POLL_SECONDS = 0.05


class Clients:
    """What is known of the clients of this instance, by their ids."""

    def __init__(self, app: Flask, socketio: SocketIO, engine: Engine) -> None:
        self._socketio = socketio
        self._engine = engine
        self._connections = user_connections.UserConnections(app.config["REDIS"])
        self.listeners = Listeners(
            app, engine, self._place, self.notify_expired, self._catch_up
        )
        self._presence = Presence(app, self._connections, self._is_here, socketio.sleep)
        engine.hears = self.listeners.hears
        self.memberships = Memberships(
            engine.set_in_room, RoomsOfUsers(app).ask, self._catch_up
        )
        self.batches = PeopleBatches(socketio, engine)
        # Those that have said that they know rooms.
        self._room_clients: set[str] = set()
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

    def add_room_client(self, sid: str) -> None:
        """Note that a client, which just connects, knows rooms."""
        self._room_clients.add(sid)

    def knows_rooms(self, sid: str) -> bool:
        """Say whether a client knows rooms."""
        return sid in self._room_clients

    def user_of(self, sid: str) -> int | None:
        """Return the user by whose token a client hears; None without a good one."""
        return self.listeners.user_of(sid)

    def is_in_room(self, sid: str, room_id: int) -> bool | None:
        """Say whether a client's user is in a room; None while that is not known."""
        return self.memberships.is_in(sid, room_id)

    def record_no_token(self, sid: str) -> None:
        """Have a client, which just connects, hear what is public, if that may be."""
        self._place(sid)
        self.memberships.wait(sid)

    def record_token(self, sid: str, claims: Claims, token: str) -> None:
        """Remember the token that came with a client's event, or when it connected."""
        before = self.listeners.get(sid)
        self.listeners.use(sid, claims, token)
        user_id = before.claims.user_id if before else None
        if user_id != claims.user_id:
            if user_id is not None:
                self._connections.remove(user_id, sid)
            self._connections.refresh([(claims.user_id, sid)])
        self.memberships.wait(sid)
        if self._engine.has_left(sid):
            # Meanwhile, and what was noted since would never be forgotten.
            self.remove(sid)

    def refuse_token(self, sid: str) -> None:
        """Tell a client, when it has connected, that its token is not good."""
        self.listeners.refuse(sid)

    def remove(self, sid: str) -> None:
        """Forget a client; its user is offline if this was the last connection."""
        self.batches.forget(sid)
        self._room_clients.discard(sid)
        self.memberships.take(sid)
        listener = self.listeners.remove(sid)
        # An instance that stops disconnects clients that come back to another one.
        if listener is not None and not self._stopping:
            user_id = listener.claims.user_id
            self._socketio.start_background_task(self._presence.leave, user_id, sid)

    def check_tokens(self) -> None:
        """Notify the clients whose token has been ended: some may have been."""
        self.listeners.check_all()
        self._socketio.start_background_task(self.listeners.check)

    def notify_expired(self, sid: str) -> None:
        """Tell a client that its token is no longer good, and what it gave is over."""
        self.listeners.end(sid)
        self._socketio.emit("expired_token", to=sid, ignore_queue=True)

    def after_gap(self) -> None:
        """Have all fetch what they missed, and hear rooms when it is known which."""
        self.memberships.ask_all_again()
        self._engine.send("catch_up", [])

    def _place(self, sid: str) -> None:
        """Have a client that knows rooms hear those of its token, or public ones."""
        listener = self.listeners.get(sid)
        if sid not in self._room_clients:
            return
        if listener and listener.hears:
            self.memberships.put(sid, listener.claims.user_id, listener.token)
        elif self.listeners.hears(sid):
            self.memberships.put(sid, ANYBODY, None)
        else:
            self.memberships.take(sid)

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

    def _is_here(self, user_id: int) -> bool:
        return any(one.claims.user_id == user_id for _, one in self.listeners.items())

    def _refresh(
        self, lifetime_seconds: int = user_connections.LIFETIME_SECONDS
    ) -> None:
        mine = [(one.claims.user_id, sid) for sid, one in self.listeners.items()]
        self._connections.refresh(mine, lifetime_seconds)

    def _check(self) -> None:
        self.listeners.check()
        for session_id in self._engine.overflowed():
            self._disconnect(session_id)

    def _disconnect(self, session_id: str) -> None:
        if self._engine.disconnect(session_id):
            logger.info("Disconnected a client that does not read")
        if websocket := self._engine.websockets.get(session_id):
            websocket.close()
