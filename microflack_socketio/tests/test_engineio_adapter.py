"""The libraries are as engineio_adapter.py knows them, in their versions and shape."""

import _socket
import inspect
import socket
import threading
from importlib import import_module
from importlib.metadata import version
from types import SimpleNamespace

import engineio
import pytest
import socketio
from engineio.packet import MESSAGE, Packet
from engineio.socket import Socket
from flask import Flask
from flask_socketio import SocketIO
from gunicorn.config import Config as GunicornConfig
from gunicorn.http.wsgi import default_environ
from werkzeug.serving import make_server

from microflack_socketio.engineio_adapter import (
    KNOWN_VERSIONS,
    Engine,
    EventManager,
    raw_socket,
)
from microflack_socketio.redis_event_manager import RedisEventManager

# eventlet tells at its import that its days are numbered.
pytestmark = pytest.mark.filterwarnings(r"ignore:\s*Eventlet is deprecated")


def parameters(function):
    """Return the names of a function's parameters."""
    return list(inspect.signature(function).parameters)


@pytest.fixture
def server():
    """Return a Socket.IO server that serves nobody."""
    return SocketIO(Flask("test"), async_mode="threading").server


@pytest.mark.parametrize("library", KNOWN_VERSIONS)
def test_the_installed_version_is_known(library):
    assert version(library) in KNOWN_VERSIONS[library]


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        (engineio.Server.on, ["self", "event", "handler"]),
        (engineio.Server.send_packet, ["self", "sid", "pkt"]),
        (engineio.Server.sleep, ["self", "seconds"]),
        (Socket.__init__, ["self", "server", "sid"]),
        (Socket.close, ["self", "wait", "abort", "reason"]),
        (Socket._websocket_handler, ["self", "ws"]),
        (Packet.__init__, ["self", "packet_type", "data", "encoded_packet"]),
        (socketio.Server._handle_eio_message, ["self", "eio_sid", "data"]),
        (socketio.Manager.get_participants, ["self", "namespace", "room"]),
        (socketio.Manager.is_connected, ["self", "sid", "namespace"]),
        (socketio.Manager.eio_sid_from_sid, ["self", "sid", "namespace"]),
        (socketio.PubSubManager.initialize, ["self"]),
        (socketio.PubSubManager._listen, ["self"]),
        (socketio.PubSubManager._publish, ["self", "data"]),
        (socketio.PubSubManager._handle_emit, ["self", "message"]),
    ],
    ids=lambda value: getattr(value, "__qualname__", ""),
)
def test_a_function_takes_what_the_adapter_passes(function, expected):
    assert parameters(function) == expected


def test_a_server_has_what_the_adapter_uses(server):
    assert isinstance(server, socketio.Server)
    assert isinstance(server.eio, engineio.Server)
    assert isinstance(server.manager, socketio.Manager)
    assert server.manager_initialized is False
    assert server.async_mode == "threading"
    assert server.eio.sockets == {}
    assert server.eio.handlers["message"] == server._handle_eio_message


def test_a_session_has_what_the_adapter_uses(server):
    session = Socket(server.eio, "id")
    assert (session.sid, session.session) == ("id", {})
    assert (session.closed, session.upgraded) == (False, False)
    assert session._websocket_handler.__self__ is session
    session.close(wait=False, abort=True)
    assert session.closed
    # It ends the queue by an item that must always find its place in it.
    assert session.queue.get(block=False) is None


def test_a_session_sets_the_timeout_of_a_websocket_by_its_attribute(server):
    session = Socket(server.eio, "id")
    timeouts = []
    websocket = SimpleNamespace(
        socket=SimpleNamespace(settimeout=timeouts.append),
        wait=lambda: None, close=lambda: None, send=lambda text: None,
    )  # fmt: skip
    session._websocket_handler(websocket)
    assert timeouts == [server.eio.ping_interval + server.eio.ping_timeout]


@pytest.mark.parametrize("mode", ["eventlet", "gevent", "threading"])
def test_the_queue_and_the_websocket_of_an_async_mode_can_be_replaced(mode):
    server = engineio.Server(async_mode=mode)
    made = []
    server._async = server._async | {
        "queue": lambda: made.append("queue"),
        "websocket": lambda handler, server: lambda *_: made.append("websocket"),
    }
    session = Socket(server, "id")
    session.handle_get_request(
        {"HTTP_CONNECTION": "upgrade", "HTTP_UPGRADE": "websocket"}, None
    )
    assert made == ["queue", "websocket"]


@pytest.mark.parametrize("mode", ["eventlet", "gevent", "threading"])
def test_the_queue_of_an_async_mode_takes_what_the_adapter_adds(mode):
    queue = engineio.Server(async_mode=mode)._async["queue"]()
    queue.put("item")
    assert (queue.qsize(), queue.empty()) == (1, False)
    assert parameters(queue.put)[0] == "item"


def test_an_event_is_encoded_as_clients_read_it(server):
    packet = server.packet_class(data=["news", 1], namespace="/")
    assert Packet(MESSAGE, packet.encode()).encode() == '42["news",1]'


def test_an_event_manager_replaces_only_what_it_is_meant_to():
    meant = {"_listen", "_publish", "_handle_emit"}
    original = set(dir(socketio.PubSubManager()))
    for kind in (EventManager, RedisEventManager):
        own = {name for name in vars(kind) if not name.startswith("__")}
        assert own & original <= meant
    added = vars(RedisEventManager("127.0.0.1:1")).keys() - original
    assert added == {"_redis", "_listening", "_outage"}


@pytest.mark.parametrize("module", ["eventlet.green.socket", "gevent.socket", "socket"])
def test_the_socket_below_one_of_an_async_mode_is_found(module):
    with import_module(module).socket() as sock:
        raw = raw_socket(sock)
        assert isinstance(raw, _socket.socket)
        assert raw.fileno() == sock.fileno()


def test_gunicorn_puts_the_connection_into_the_environment():
    request = SimpleNamespace(
        method="GET", query="", uri="/", version=(1, 1), body=None, scheme="http",
        headers=[],
    )  # fmt: skip
    connection = object()
    environ = default_environ(request, connection, GunicornConfig())
    assert environ["gunicorn.socket"] is connection


def test_werkzeug_puts_the_connection_into_the_environment():
    seen = []

    def app(environ, start_response):
        seen.append(environ["werkzeug.socket"])
        # So the adapter ends a request whose connection it has taken over.
        raise ConnectionError

    server = make_server("127.0.0.1", 0, app)
    thread = threading.Thread(target=server.handle_request)
    thread.start()
    with socket.create_connection(server.server_address, 10) as client:
        client.sendall(b"GET / HTTP/1.0\r\n\r\n")
        assert client.recv(100) == b""
    thread.join()
    server.server_close()
    assert isinstance(seen[0], socket.socket)


def test_an_event_for_a_room_concerns_only_those_in_it():
    engine = Engine(SocketIO(Flask("test"), async_mode="threading"))
    manager = engine._server.manager
    sids = [manager.connect(f"session-{number}", "/") for number in range(1000)]
    for sid in sids[:10]:
        engine.set_in_room(sid, "room:5", True)
    asked = []
    # False: they are no real sessions to which something could be sent.
    engine.hears = lambda sid: bool(asked.append(sid))
    engine.send("updated_model", [{}], "room:5")
    assert asked == sids[:10]
    engine.send("updated_model", [{}], "room:6")
    assert len(asked) == 10
    engine.send("updated_model", [{}])
    assert len(asked) == 1010
