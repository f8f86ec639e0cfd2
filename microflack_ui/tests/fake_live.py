"""The Socket.IO service: the real protocol, and as much of it as the page uses."""

import threading
import time
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import socketio
from fake_data import TIMEOUT_SECONDS
from werkzeug.exceptions import ServiceUnavailable

if TYPE_CHECKING:
    from fake_api import FakeApi

# The room of connections that wish to hear of people in batches.
BATCHES = "batches"


class FakeLive:
    """A WSGI application for /socket.io, with the failures a test wants of it."""

    def __init__(self, api: "FakeApi", transports: list[str] | None = None) -> None:
        self.api = api
        # It answers nobody; it loses events; it does not get to answering pings.
        self.away = self.deaf = False
        self.free = threading.Event()
        self.free.set()
        # The token of each connection, or "" before one was told.
        self.tokens: dict[str, str] = {}
        self.connections = self.pings = 0
        # The token that came with each connection.
        self.handshakes: list[str] = []
        # The connections of clients that know rooms, and who has said to write where.
        self.know_rooms: set[str] = set()
        self.writers: list[tuple[int, int]] = []
        self._happened = threading.Condition()
        self.server = socketio.Server(
            async_mode="threading", monitor_clients=False, transports=transports
        )
        for name in ("connect", "disconnect", "ping_user", "typing"):
            self.server.on(name, getattr(self, f"_{name}"))

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        if self.away:
            return ServiceUnavailable()(environ, start_response)
        return self.server.handle_request(environ, start_response)

    def push(
        self, kind: str, model: dict[str, Any], users: set[int] | None = None
    ) -> None:
        """Tell everybody, or these users, of a change, unless the event gets lost."""
        if kind == "User" and not self.deaf:
            # To those that wish it so, together, as all pages do.
            self.server.emit(
                "updated_models", {"class": kind, "models": [dict(model)]}, to=BATCHES
            )
            return
        self._emit("updated_model", {"class": kind, "model": dict(model)}, users)

    def remove(self, kind: str, id: int, users: set[int]) -> None:
        """Tell these users that they may not see something any more."""
        self._emit("removed_model", {"class": kind, "id": id}, users)

    def tell_typing(self, room_id: int, user_id: int) -> None:
        """Tell who is in a room that somebody writes there."""
        event = {"room_id": room_id, "user_id": user_id}
        self._emit("typing", event, self.api.hearers(room_id))

    def _emit(self, name: str, event: dict[str, Any], users: set[int] | None) -> None:
        if self.deaf:
            return
        if users is None:
            self.server.emit(name, event)
            return
        for sid, token in list(self.tokens.items()):
            if sid in self.know_rooms and self.api.user_of(token) in users:
                self.server.emit(name, event, to=sid)

    def expire(self, token: str) -> None:
        """Tell those who came with this token that it is no longer good."""
        for sid in [sid for sid, given in self.tokens.items() if given == token]:
            self.server.emit("expired_token", to=sid)

    def drop(self) -> None:
        """Close all connections, as a server does that stops."""
        for sid in list(self.tokens):
            self.server.disconnect(sid)

    def go_away(self) -> None:
        """Close all connections and let nobody in."""
        self.away = True
        self.drop()

    @property
    def websockets(self) -> int:
        """How many connections are upgraded to WebSocket."""
        return [self.server.transport(sid) for sid in self.tokens].count("websocket")

    def wait_for(self, condition: Callable[[], bool]) -> None:
        """Wait until what clients did makes this true."""
        end = time.monotonic() + TIMEOUT_SECONDS
        with self._happened:
            while not condition():
                assert time.monotonic() < end
                # An upgrade to WebSocket notifies nobody: look again now and then.
                self._happened.wait(0.05)

    def _connect(self, sid: str, _environ: dict[str, Any], auth: Any = None) -> None:
        with self._happened:
            self.handshakes.append((auth or {}).get("token", ""))
            self.connections += 1
            self.tokens[sid] = ""
            if (auth or {}).get("rooms"):
                self.know_rooms.add(sid)
            if (auth or {}).get("batches"):
                self.server.enter_room(sid, BATCHES)
            self._happened.notify_all()

    def _disconnect(self, sid: str, _reason: str) -> None:
        with self._happened:
            token = self.tokens.pop(sid, "")
            is_last = token not in self.tokens.values()
            self._happened.notify_all()
        user_id = self.api.user_of(token)
        if user_id and is_last:
            self.api.set_online(user_id, False)

    def _ping_user(self, sid: str, token: str) -> None:
        self.free.wait(TIMEOUT_SECONDS)
        user_id = self.api.user_of(token)
        if not user_id:
            self.server.emit("expired_token", to=sid)
        elif not self.api.users[user_id - 1]["online"]:
            self.api.set_online(user_id, True)
        with self._happened:
            self.tokens[sid] = token
            self.pings += 1
            self._happened.notify_all()

    def _typing(self, _sid: str, data: dict[str, Any], token: str) -> None:
        user_id = self.api.user_of(token)
        with self._happened:
            self.writers.append((data["room_id"], user_id))
            self._happened.notify_all()
        self.tell_typing(data["room_id"], user_id)
