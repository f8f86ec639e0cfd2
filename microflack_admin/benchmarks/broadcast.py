"""The least that a Socket.IO server can do: pass on what is posted to all clients."""

import itertools
import json
import os
import time
from collections.abc import Callable
from typing import Any

import eventlet
import socketio

LOCATION = os.environ["LOCATION"]
numbers = itertools.count(1)
server = socketio.Server(async_mode="eventlet", cors_allowed_origins="*")


def post(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
    """Send the text to everybody, in the shape in which messages are sent."""
    length = int(environ.get("CONTENT_LENGTH") or 0)
    if environ["REQUEST_METHOD"] != "POST" or not length:
        start_response("404 Not Found", [("Content-Length", "0")])
        return []
    source = json.loads(environ["wsgi.input"].read(length))["source"]
    moment = int(time.time())
    model = {
        "id": next(numbers),
        "created_at": moment,
        "updated_at": moment,
        "source": source,
        "html": source,
        "user_id": 1,
    }
    # After the answer, as a queue would: who posts does not wait for who listens.
    event = {"class": "Message", "model": model}
    eventlet.spawn_n(server.emit, "updated_model", event)
    body = json.dumps(model).encode()
    headers = [
        ("Content-Type", "application/json"),
        ("Content-Length", str(len(body))),
    ]
    start_response("201 Created", headers)
    return [body]


app = socketio.WSGIApp(server, post, socketio_path=f"{LOCATION}/socket.io")
