"""The bodies of /api/messages/push: they check it and describe it."""

import re
from collections.abc import Callable
from ipaddress import ip_address
from urllib.parse import urlsplit

from apiflask import Schema
from apiflask.fields import Boolean, Nested, String
from apiflask.validators import Length
from flask import current_app
from marshmallow import ValidationError

from microflack_common.fields import Body, Flag, OptionalBody, Text
from microflack_messages.web_push import keys
from microflack_messages.web_push.models import MAX_ENDPOINT_LENGTH

# Longer than any key is.
MAX_KEY_LENGTH = 200
BASE64URL = re.compile(r"[A-Za-z0-9_-]+={0,2}")
AUTH_BYTES = 16
NO_ENDPOINT = "Must be the https URL of a push service, as a browser gives it."
NO_POINT = "Must be a point of P-256 in base64url, as a browser gives it."
NO_SECRET = f"Must be {AUTH_BYTES} bytes in base64url, as a browser gives them."


def check_endpoint(url: str) -> None:
    """Raise ValidationError for what can be no push service's URL.

    Where its name leads is looked at each time when something is sent there.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise ValidationError(NO_ENDPOINT) from error
    is_plain = url.isascii() and url.isprintable() and " " not in url
    if not is_plain or parts.fragment or "@" in parts.netloc or not parts.hostname:
        raise ValidationError(NO_ENDPOINT)
    if current_app.config["WEB_PUSH_LOCAL"]:
        return
    is_web = parts.scheme == "https" and port in (None, 443)
    if not is_web or not _may_be_public(parts.hostname):
        raise ValidationError(NO_ENDPOINT)


def _may_be_public(host: str) -> bool:
    try:
        return ip_address(host).is_global
    except ValueError:
        return "." in host.strip(".")


def _decodes(take: Callable[[bytes], object], problem: str) -> Callable[[str], None]:
    """Return what raises ValidationError for text that is not base64url of what is."""

    def check(text: str) -> None:
        try:
            if not BASE64URL.fullmatch(text):
                raise ValueError(text)
            take(keys.decoded(text))
        except ValueError as error:
            raise ValidationError(problem) from error

    return check


def _take_secret(data: bytes) -> None:
    if len(data) != AUTH_BYTES:
        raise ValueError(len(data))


class PushKeys(Body):
    """With what is encrypted what only this browser is to read (RFC 8291)."""

    p256dh = Text(
        required=True,
        validate=[Length(1, MAX_KEY_LENGTH), _decodes(keys.public_point, NO_POINT)],
    )
    auth = Text(
        required=True,
        validate=[Length(1, MAX_KEY_LENGTH), _decodes(_take_secret, NO_SECRET)],
    )


class SubscriptionIn(OptionalBody):
    """What a browser has subscribed to, as its `toJSON` gives it (Push API)."""

    endpoint = Text(
        required=True,
        validate=[
            Length(1, MAX_ENDPOINT_LENGTH, error="Must have 1 to {max} characters."),
            check_endpoint,
        ],
    )
    keys = Nested(PushKeys, required=True)
    wants_text = Flag(
        load_default=False,
        metadata={"description": "Whether it is told who says what, and where"},
    )


class OwnSubscription(Schema):
    """That the session's browser is told of messages."""

    wants_text = Boolean(required=True)


class PushOut(Schema):
    """What a browser needs to subscribe, and whether this session has done so."""

    public_key = String(
        required=True, metadata={"description": "For `applicationServerKey`"}
    )
    subscription = Nested(OwnSubscription, required=True, allow_none=True)
