"""The events that clients send."""

import logging
from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import uuid4

from flask import Flask, current_app, g, request
from flask_socketio import SocketIO

from microflack_common import background
from microflack_common.errors import SENTENCES, ServiceUnavailable
from microflack_common.http import Client as HttpClient
from microflack_common.tokens import InvalidToken, decode_token
from microflack_socketio.clients import Clients

logger = logging.getLogger(__name__)

Handler = Callable[..., dict[str, Any]]
LONGEST_TOKEN = 4096


class BadArguments(Exception):
    """Raised for an event that was sent wrongly; its text says how."""


def init_app(app: Flask, socketio: SocketIO, clients: Clients) -> None:
    """Handle the events of ``app``."""
    app.extensions["microflack_clients"] = clients
    for handler in (ping_user, post_message):
        socketio.on_event(handler.__name__, _acknowledged(handler))
    socketio.on_event("connect", _connect)
    socketio.on_event("disconnect", _disconnect)
    socketio.on_event("*", _unknown)


def ping_user(*arguments: object) -> dict[str, Any]:
    """``ping_user(token)``: set the token's user online."""
    token = _token(arguments, 1)
    return _ask("PUT", "/api/users/me", token)


def post_message(*arguments: object) -> dict[str, Any]:
    """``post_message({source[, idempotency_key]}, token)``: post a message.

    What POST /api/messages answers is what the client is told.
    """
    token = _token(arguments, 2)
    body = arguments[0]
    if not isinstance(body, dict) or not isinstance(body.get("source"), str):
        raise BadArguments("The message must be an object with a text as its source.")
    key = body.get("idempotency_key")
    if key is not None and not (isinstance(key, str) and key.isascii() and key):
        raise BadArguments("The idempotency_key must be a text in ASCII.")
    headers = {"Idempotency-Key": key} if key else {}
    return _ask("POST", "/api/messages", token, headers, json=_message(body["source"]))


def _message(source: str) -> dict[str, str]:
    try:
        source.encode()
    except UnicodeEncodeError as error:
        raise BadArguments("The source must be valid Unicode.") from error
    return {"source": source}


def _token(arguments: tuple[object, ...], expected: int) -> str:
    """Return the last of the arguments, a good token, which its client uses now."""
    if len(arguments) != expected:
        raise BadArguments(f"There must be {expected} arguments, the token last.")
    token = arguments[-1]
    if not isinstance(token, str) or len(token) > LONGEST_TOKEN:
        raise InvalidToken("The token is not valid. Sign in again.")
    _clients().used(_sid(), decode_token(token))
    return token


def _ask(
    method: str,
    path: str,
    token: str,
    headers: dict[str, str] | None = None,
    **options: Any,
) -> dict[str, Any]:
    services: HttpClient = current_app.extensions["microflack_services"]
    headers = {"Authorization": f"Bearer {token}"} | (headers or {})
    answer = services.request(method, path, headers=headers, **options)
    if answer.status_code == 401:
        raise InvalidToken(_sentence(answer))
    if not answer.ok:
        return {"error": _sentence(answer)}
    return dict(answer.json()) if answer.content else {}


def _sentence(answer: Any) -> str:
    try:
        return str(answer.json()["error"])
    except (ValueError, LookupError, TypeError):
        return SENTENCES.get(answer.status_code, SENTENCES[500])


def _acknowledged(handler: Handler) -> Handler:
    """Answer whatever happens in ``handler`` by an acknowledgement, if one is asked."""

    @wraps(handler)
    def acknowledged(*arguments: object) -> dict[str, Any]:
        g.request_id = uuid4().hex
        try:
            return handler(*arguments)
        except InvalidToken as error:
            _clients().expired(_sid())
            return {"error": str(error)}
        except (BadArguments, ServiceUnavailable) as error:
            return {"error": str(error)}
        except Exception:
            logger.exception("Unexpected error in %s", handler.__name__)
            return {"error": SENTENCES[500]}

    return acknowledged


def _connect(*_arguments: object) -> None:
    """Begin with the first client, if nobody asked for our health before."""
    background.start(current_app)


def _disconnect(*_reason: object) -> None:
    """``disconnect``: the user is offline if this was the last connection."""
    # Clients may send events of this name, too.
    if not _clients().is_connected(_sid()):
        _clients().gone(_sid())


def _unknown(event: object, *_arguments: object) -> dict[str, Any]:
    return {"error": f"There is no event {str(event)[:64]!r}."}


def _clients() -> Clients:
    clients: Clients = current_app.extensions["microflack_clients"]
    return clients


def _sid() -> str:
    sid: str = request.sid  # type: ignore[attr-defined]
    return sid
