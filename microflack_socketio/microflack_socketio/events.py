"""The events that clients send."""

import logging
import re
from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import uuid4

from flask import Flask, current_app, g, request
from flask_socketio import SocketIO

from microflack_common import lifecycle, traces
from microflack_common.errors import SENTENCES, ServiceUnavailable
from microflack_common.http import Client as HttpClient
from microflack_common.tokens import InvalidToken, decode_token, read_token
from microflack_socketio.clients import Clients
from microflack_socketio.message_body import (
    BadArguments,
    key_header,
    message,
    whole_number,
)
from microflack_socketio.typing_events import Typing

logger = logging.getLogger(__name__)

Handler = Callable[..., dict[str, Any]]
MAX_TOKEN_CHARACTERS = 4096
# A token of other characters could not be sent on.
TOKEN = re.compile(rf"[A-Za-z0-9._-]{{0,{MAX_TOKEN_CHARACTERS}}}")


NOT_KNOWN = "It is not known right now in which rooms you are. Try again shortly."
NOT_THERE = "You are not in this room."
KNOWS_NO_ROOMS = "Who is writing is told to clients that connect with rooms: true."


def init_app(
    app: Flask, socketio: SocketIO, clients: Clients, typing_events: Typing
) -> None:
    """Handle the events of ``app``."""
    app.extensions["microflack_clients"] = clients
    app.extensions["microflack_typing"] = typing_events
    for handler in (ping_user, post_message, typing):
        socketio.on_event(handler.__name__, _acknowledged(handler))
    socketio.on_event("connect", _on_connect)
    socketio.on_event("disconnect", _on_disconnect)
    socketio.on_event("*", _on_unknown)


def ping_user(*arguments: object) -> dict[str, Any]:
    """``ping_user(token)``: set the token's user online."""
    token = _token(arguments, 1)
    return _request("PUT", "/api/users/me", token)


def post_message(*arguments: object) -> dict[str, Any]:
    """``post_message({source, room_id?, reply_to?, files?, idempotency_key?}, token)``.

    What POST /api/messages answers is what the client is told.
    """
    token = _token(arguments, 2)
    body = arguments[0]
    if not isinstance(body, dict):
        raise BadArguments("The message must be an object with a text as its source.")
    headers = key_header(body.get("idempotency_key"))
    return _request("POST", "/api/messages", token, headers, json=message(body))


def typing(*arguments: object) -> dict[str, Any]:
    """``typing({room_id}, token)``: tell those in a room that the user is writing."""
    _token(arguments, 2)
    body = arguments[0]
    if not isinstance(body, dict):
        raise BadArguments("The first argument must be an object with a room_id.")
    room_id = whole_number(body, "room_id")
    if not _clients().knows_rooms(_sid()):
        return {"error": KNOWS_NO_ROOMS}
    is_in = _clients().is_in_room(_sid(), room_id)
    if not is_in:
        return {"error": NOT_KNOWN if is_in is None else NOT_THERE}
    if (user_id := _clients().user_of(_sid())) is not None:
        typing_events: Typing = current_app.extensions["microflack_typing"]
        typing_events.tell(user_id, room_id)
    return {}


def _token(arguments: tuple[object, ...], expected: int) -> str:
    """Return the last of the arguments, and record it as its client's token.

    Raises BadArguments for too few or too many, InvalidToken for a token that is not
    good.
    """
    if len(arguments) != expected:
        raise BadArguments(f"There must be {expected} arguments, the token last.")
    token = _text(arguments[-1])
    _clients().record_token(_sid(), decode_token(token), token)
    return token


def _text(token: object) -> str:
    if not isinstance(token, str) or not TOKEN.fullmatch(token):
        raise InvalidToken("The token is not valid. Sign in again.")
    return token


def _request(
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
    """Return ``handler`` with an answer, for the acknowledgement, to every error."""

    @wraps(handler)
    def acknowledged(*arguments: object) -> dict[str, Any]:
        g.request_id = uuid4().hex
        try:
            with traces.begin(handler.__name__):
                return handler(*arguments)
        except InvalidToken as error:
            _clients().notify_expired(_sid())
            return {"error": str(error)}
        except (BadArguments, ServiceUnavailable) as error:
            return {"error": str(error)}
        except Exception:
            logger.exception("Unexpected error in %s", handler.__name__)
            return {"error": SENTENCES[500]}

    return acknowledged


def _on_connect(*arguments: object) -> None:
    """``connect`` with ``auth: {token?, rooms?, batches?}``: hear what one may.

    Starts the background work, if no HTTP request has done so before.
    """
    lifecycle.start(current_app)
    auth = arguments[0] if arguments and isinstance(arguments[0], dict) else {}
    if auth.get("rooms") is True:
        _clients().add_room_client(_sid())
    if auth.get("batches") is True:
        _clients().batches.want(_sid())
    token = auth.get("token")
    if token is None:
        _clients().record_no_token(_sid())
        return
    try:
        # Who cannot be checked right now hears nothing until that is possible.
        claims = read_token(_text(token))
    except InvalidToken:
        _clients().refuse_token(_sid())
    else:
        _clients().record_token(_sid(), claims, token)


def _on_disconnect(*_reason: object) -> None:
    """``disconnect``: the user is offline if this was the last connection."""
    # A client may send an event of this name, too, and stay.
    if not _clients().is_connected(_sid()):
        _clients().remove(_sid())


def _on_unknown(event: object, *_arguments: object) -> dict[str, Any]:
    return {"error": f"There is no event {str(event)[:64]!r}."}


def _clients() -> Clients:
    clients: Clients = current_app.extensions["microflack_clients"]
    return clients


def _sid() -> str:
    sid: str = request.sid  # type: ignore[attr-defined]
    return sid
