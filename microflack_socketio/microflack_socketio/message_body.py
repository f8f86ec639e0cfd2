"""What a client sends to say something, as the messages service takes it."""

import re
from typing import Any

# What the messages service takes, too.
MAX_KEY_LENGTH = 64
KEY = re.compile(rf"[ -~]{{1,{MAX_KEY_LENGTH}}}")
# Ids are passed on as they are: left out, a message that is meant for some would be
# said to everybody, or without what it answers.
IDS = ("room_id", "reply_to")


class BadArguments(Exception):
    """Raised for an event that was sent wrongly; its text says how."""


def key_header(key: object) -> dict[str, str]:
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


def message(body: dict[str, Any]) -> dict[str, Any]:
    """Return the body of the POST; raise BadArguments for a field that is wrong.

    Null is as if a field were left out.
    """
    sent: dict[str, Any] = {"source": _source(body.get("source"), body.get("files"))}
    for name in IDS:
        if body.get(name) is not None:
            sent[name] = whole_number(body, name)
    if body.get("files") is not None:
        sent["files"] = _files(body["files"])
    return sent


def whole_number(body: dict[str, Any], name: str) -> int:
    """Return a field that must be a whole number; raise BadArguments otherwise."""
    value = body.get(name)
    if type(value) is not int:
        raise BadArguments(f"The {name} must be a whole number.")
    return value


def _source(source: object, files: object) -> str:
    if source is None and files:
        return ""
    if not isinstance(source, str):
        raise BadArguments("The message must be an object with a text as its source.")
    try:
        source.encode()
    except UnicodeEncodeError as error:
        raise BadArguments("The source must be valid Unicode.") from error
    return source


def _files(files: object) -> list[int]:
    if not isinstance(files, list) or any(type(one) is not int for one in files):
        raise BadArguments("The files must be a list of whole numbers.")
    return files
