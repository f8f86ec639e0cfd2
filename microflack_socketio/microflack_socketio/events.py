"""The events that clients send."""

import logging
import re
from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import uuid4

from flask import Flask, current_app, g, request
from flask_socketio import SocketIO

from microflack_common import lifecycle
from microflack_common.errors import SENTENCES, ServiceUnavailable
from microflack_common.http import Client as HttpClient
from microflack_common.tokens import InvalidToken, decode_token, read_token
from microflack_socketio.clients import Clients

logger = logging.getLogger(__name__)

Handler = Callable[..., dict[str, Any]]
MAX_TOKEN_CHARACTERS = 4096
# What the messages service takes, too.
MAX_KEY_LENGTH = 64
KEY = re.compile(rf"[ -~]{{1,{MAX_KEY_LENGTH}}}")
# A token of other characters could not be sent on.
TOKEN = re.compile(rf"[A-Za-z0-9._-]{{0,{MAX_TOKEN_CHARACTERS}}}")


class BadArguments(Exception):
    """Raised for an event that was sent wrongly; its text says how."""


def init_app(app: Flask, socketio: SocketIO, clients: Clients) -> None:
    """Handle the events of ``app``."""
    app.extensions["microflack_clients"] = clients
    for handler in (ping_user, post_message):
        socketio.on_event(handler.__name__, _acknowledged(handler))
    socketio.on_event("connect", _on_connect)
    socketio.on_event("disconnect", _on_disconnect)
    socketio.on_event("*", _on_unknown)


def ping_user(*arguments: object) -> dict[str, Any]:
    """``ping_user(token)``: set the token's user online."""
    token = _token(arguments, 1)
    return _request("PUT", "/api/users/me", token)


def post_message(*arguments: object) -> dict[str, Any]:
    """``post_message({source, room_id?, idempotency_key?}, token)``: post a message.

    What POST /api/messages answers is what the client is told.
    """
    token = _token(arguments, 2)
    body = arguments[0]
    if not isinstance(body, dict) or not isinstance(body.get("source"), str):
        raise BadArguments("The message must be an object with a text as its source.")
    headers = _key_header(body.get("idempotency_key"))
    message = _message(body["source"], body.get("room_id"))
    return _request("POST", "/api/messages", token, headers, json=message)


def _key_header(key: object) -> dict[str, str]:
    """Return the header for a key, which no try could carry if it were wrong."""
    if key is None:
        return {}
    # White space around it is not part of a header's value (RFC 9110, 5.5).
    if not isinstance(key, str) or not KEY.fullmatch(key.strip(" ")):
        raise BadArguments(
            f"The idempotency_key must be 1 to {MAX_KEY_LENGTH} printable ASCII "
            "characters."
        )
    return {"Idempotency-Key": key.strip(" ")}


def _message(source: str, room_id: object) -> dict[str, str | int]:
    try:
        source.encode()
    except UnicodeEncodeError as error:
        raise BadArguments("The source must be valid Unicode.") from error
    if room_id is None:
        return {"source": source}
    # Left out, a message that is meant for some would be said to everybody.
    if type(room_id) is not int:
        raise BadArguments("The room_id must be a whole number.")
    return {"source": source, "room_id": room_id}


def _token(arguments: tuple[object, ...], expected: int) -> str:
    """Return the last of the arguments, and record it as its client's token.

    Raises BadArguments for too few or too many, InvalidToken for a token that is not
    good.
    """
    if len(arguments) != expected:
        raise BadArguments(f"There must be {expected} arguments, the token last.")
    token = _text(arguments[-1])
    _clients().record_token(_sid(), decode_token(token))
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
    """``connect`` with ``auth: {token?, batches?}``: hear what the token's user may.

    Starts the background work, if no HTTP request has done so before.
    """
    lifecycle.start(current_app)
    auth = arguments[0] if arguments else None
    wishes = auth if isinstance(auth, dict) else {}
    if wishes.get("batches") is True:
        _clients().want_batches(_sid())
    token = wishes.get("token")
    if token is None:
        return
    try:
        # Who cannot be checked right now hears nothing until that is possible.
        claims = read_token(_text(token))
    except InvalidToken:
        _clients().refuse_token(_sid())
    else:
        _clients().record_token(_sid(), claims)


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
