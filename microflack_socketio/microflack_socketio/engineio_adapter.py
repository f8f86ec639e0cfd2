"""Everything that this service uses of the inside of the libraries below it.

What is private or undocumented in the libraries of KNOWN_VERSIONS is used in this
module only; a test walks through the code of all others. Another test fails for a
version that is not listed here, and for code that is not built as this module expects.
Then read what has changed in the library, mend this module, and list the version.
"""

import logging
import secrets
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from typing import Any

from engineio.packet import MESSAGE, Packet
from flask_socketio import SocketIO
from socketio import PubSubManager

from microflack_common import traces
from microflack_socketio.limits import RateLimiter, bounded_queue
from microflack_socketio.websocket import WebSocket, frame, handshake

logger = logging.getLogger(__name__)

KNOWN_VERSIONS = {
    "eventlet": ["0.41.3"],
    "flask-socketio": ["5.7.0"],
    "gevent": ["26.9.0"],
    "gunicorn": ["25.3.0", "27.0.1"],
    "python-engineio": ["4.15.1"],
    "python-socketio": ["5.18.1"],
    "werkzeug": ["3.1.9"],
}

# The key in a request's WSGI environment of a list, which is filled when the connection
# is taken over from the web server. The environment is copied on the way, the list not.
TAKEN_OVER = "microflack.taken_over"

# What python-socketio raises for packets that it cannot read. Handlers of events catch
# their own exceptions, so these come from nothing else.
MALFORMED = (ValueError, LookupError, TypeError, AttributeError, RecursionError)


class EventManager(PubSubManager):
    """Hands events from a channel on to the clients of this instance.

    Subclasses say by ``listen`` where the events come from.
    """

    # Hands an event on: its name, its arguments, and for whom it is, None for all.
    deliver: Callable[[str, list[Any], Any], None]

    def start(self) -> None:
        """Listen from now on, not only from the first client on."""
        if not self.server.manager_initialized:
            self.server.manager_initialized = True
            self.initialize()

    def listen(self) -> Iterator[bytes]:
        """Return what is published in the channel, as JSON; never end, never raise."""
        raise NotImplementedError

    def _listen(self) -> Iterator[bytes]:
        return self.listen()

    def _publish(self, data: Any) -> None:
        """Tell other instances nothing: what is emitted here is for clients here."""

    def _handle_emit(self, message: dict[str, Any]) -> None:
        is_other = message.get("callback") or message.get("binary")
        if is_other or message.get("skip_sid"):
            super()._handle_emit(message)
            return
        arguments = message["data"]
        if not isinstance(arguments, list):
            arguments = [arguments]
        event = message["event"]
        # Who publishes says, since a later release, what it comes of.
        with traces.go_on(f"deliver {event}", traces.CONSUMER, message.get("trace")):
            self.deliver(event, arguments, message.get("room"))


class Engine:
    """The Engine.IO sessions of all clients: one each, by polling or by WebSocket.

    They get our own WebSockets, and queues that are bounded. A session has an id of its
    own, which is not the ``sid`` of the Socket.IO client in it.
    """

    def __init__(self, socketio: SocketIO) -> None:
        self._server = socketio.server
        self._engine = self._server.eio
        # Says whether the client with this sid hears what is for everybody.
        self.hears: Callable[[str], bool] = lambda _sid: True
        # The open WebSockets by the ids of their sessions.
        self.websockets: dict[str, WebSocket] = {}
        # It is enough to speak in a session: 192 bits that nobody guesses.
        self._engine.generate_id = partial(secrets.token_urlsafe, 24)
        mode = self._engine._async
        self._engine._async = mode | {
            "websocket": lambda handler, _engine: partial(self._take_over, handler),
            "queue": bounded_queue(mode["queue"]),
        }
        self._engine.on("message", self._on_message)

    def count_clients(self) -> int:
        """Return how many Socket.IO clients are connected."""
        return sum(1 for _ in self._participants())

    def is_connected(self, sid: str) -> bool:
        """Say whether a Socket.IO client is connected."""
        connected: bool = self._server.manager.is_connected(sid, "/")
        return connected

    def has_left(self, sid: str) -> bool:
        """Say whether a Socket.IO client is neither connected nor about to be."""
        return self._server.manager.eio_sid_from_sid(sid, "/") is None

    def set_in_room(self, sid: str, room: str, is_in: bool) -> None:
        """Have a client hear what is for those in a room, or no longer hear it."""
        manager = self._server.manager
        change = manager.enter_room if is_in else manager.leave_room
        if self.has_left(sid):
            return
        with suppress(ValueError, LookupError):
            # It may have gone just now.
            change(sid, "/", room)

    def session_ids(self) -> list[str]:
        """Return the ids of all sessions."""
        return list(self._engine.sockets)

    def overflowed(self) -> list[str]:
        """Return the ids of the sessions whose queue was too short for what came."""
        sessions = list(self._engine.sockets.values())
        return [session.sid for session in sessions if session.queue.overflowed]

    def disconnect(self, session_id: str) -> bool:
        """End a session at once; say whether it was open until now.

        A WebSocket is closed when what waits for the client has been sent.
        """
        session = self._engine.sockets.get(session_id)
        if session is None or session.closed:
            return False
        session.close(wait=False, abort=True)
        return True

    def rate_limiter(self, session_id: str) -> RateLimiter | None:
        """Return what slows a session's client down; None if there is no session."""
        session = self._engine.sockets.get(session_id)
        return None if session is None else self._rate_limiter(session)

    def send(
        self,
        event: str,
        arguments: list[Any],
        to: Any = None,
        only: Callable[[str], bool] | None = None,
    ) -> None:
        """Send an event to clients of this instance that may hear it.

        It is encoded and framed once and written straight to the sockets of all
        clients, where python-socketio wakes a task for each of them; that is ten times
        as fast. A client that polls, is busy or has packets waiting gets the event as
        python-socketio does it.

        :param to: a room; None sends to all. Clients elsewhere cost nothing.
        :param only: says for a client's id whether it is one of them.
        """
        packet = self._server.packet_class(data=[event, *arguments], namespace="/")
        message = Packet(MESSAGE, packet.encode())
        data = frame(message.encode())
        start_task = self._server.start_background_task
        for sid, session_id in self._participants(to):
            if not self.hears(sid) or (only and not only(sid)):
                continue
            websocket = self._idle_websocket(session_id)
            if not (websocket and websocket.try_send(data, start_task)):
                self._engine.send_packet(session_id, message)

    def _idle_websocket(self, session_id: str) -> WebSocket | None:
        # Threads may be anywhere between taking a packet and writing it.
        if self._server.async_mode == "threading":
            return None
        session = self._engine.sockets.get(session_id)
        if session is None or session.closed or not session.upgraded:
            return None
        return self.websockets.get(session_id) if session.queue.empty() else None

    def _participants(self, to: Any = None) -> Iterator[tuple[str, str]]:
        participants: Iterator[tuple[str, str]]
        participants = self._server.manager.get_participants("/", to)
        return participants

    def _rate_limiter(self, session: Any) -> RateLimiter:
        limiter: RateLimiter | None = session.session.get("rate_limiter")
        if limiter is None:
            limiter = session.session["rate_limiter"] = RateLimiter(self._engine.sleep)
        return limiter

    def _on_message(self, session_id: str, data: str) -> None:
        try:
            self._server._handle_eio_message(session_id, data)
        except MALFORMED:
            logger.info("Disconnected a client that sent a malformed packet")
            self.disconnect(session_id)

    def _take_over(self, handler: Any, environ: dict[str, Any], _start: Any) -> object:
        """Serve a WebSocket until it ends; ``handler`` is a method of its session."""
        session = handler.__self__
        sock = environ.get("gunicorn.socket") or environ["werkzeug.socket"]
        environ[TAKEN_OVER].append(True)
        sock.sendall(handshake(environ["HTTP_SEC_WEBSOCKET_KEY"]))
        websocket = WebSocket(sock, raw_socket(sock), self._rate_limiter(session))
        self.websockets[session.sid] = websocket
        try:
            return handler(websocket)
        finally:
            self.websockets.pop(session.sid, None)
            websocket.close()


def raw_socket(sock: Any) -> Any:
    """Return the socket below one of eventlet or gevent, which waits for nobody."""
    return getattr(sock, "fd", None) or getattr(sock, "_sock", None) or sock


def taken_over(environ: dict[str, Any]) -> Exception:
    """Return what tells the web server that it has nothing to answer any more."""
    return StopIteration() if "gunicorn.socket" in environ else ConnectionError()
