"""The bodies, headers and query strings of the API: they check it and describe it."""

from typing import Any

from apiflask import Schema
from apiflask.fields import Boolean, Dict, Integer, List, Nested, String
from apiflask.validators import Length, Range, Regexp
from marshmallow import ValidationError, validates_schema

from microflack_common.fields import Body, Count, Text
from microflack_common.text import is_visible
from microflack_messages.files.schemas import FileOut, file_ids
from microflack_messages.listing import LIST_DEFAULT, LIST_LIMIT
from microflack_messages.models import MAX_KEY_LENGTH, MAX_SOURCE_LENGTH

SOURCE_LENGTH = Length(max=MAX_SOURCE_LENGTH, error="Must have 1 to {max} characters.")


def check_visible(text: str) -> None:
    """Raise ValidationError for a text of which nothing would be seen."""
    if not is_visible(text):
        raise ValidationError("Must not be empty.", "source")


class MessageIn(Body):
    """A new message, or a message's new text."""

    # Whether it may be empty depends on the message's files.
    source = Text(
        required=True,
        validate=SOURCE_LENGTH,
        metadata={"description": "Markdown"},
    )


class PostIn(MessageIn):
    """A new message."""

    source = Text(
        allow_none=True,
        validate=SOURCE_LENGTH,
        metadata={"description": "Markdown; with files it may be empty"},
    )
    room_id = Integer(
        strict=True,
        allow_none=True,
        validate=Range(1, error="There is no such room."),
        metadata={"description": "Where it is said; without, in the room of everybody"},
    )
    reply_to = Integer(
        strict=True,
        allow_none=True,
        validate=Range(1, error="There is no such message in the room."),
        metadata={"description": "The message of the room that it answers"},
    )
    files = file_ids()

    @validates_schema(skip_on_field_errors=True)
    def says_something(self, data: dict[str, Any], **_options: object) -> None:
        """Refuse a message in which nothing is."""
        if data.get("files"):
            return
        if data.get("source") is None:
            raise ValidationError("Missing data for required field.", "source")
        check_visible(data["source"])


class PostHeaders(Schema):
    """What a client can say about a POST."""

    idempotency_key = String(
        data_key="Idempotency-Key",
        validate=Regexp(
            rf"^[ -~]{{1,{MAX_KEY_LENGTH}}}$",
            error=f"Must be 1 to {MAX_KEY_LENGTH} printable ASCII characters.",
        ),
        metadata={"description": "A message with a key is stored only once."},
    )


ALONE = ("around", "around_time", "after")
OTHER_WAYS = {"updated_since", "after_id", "before_id", *ALONE}


class MessageListQuery(Schema):
    """Which messages are listed."""

    room = Count(1, metadata={"description": "By default the room of everybody"})
    updated_since = Count(metadata={"description": "Unix seconds"})
    after_id = Count(metadata={"description": "With updated_since: continues a list"})
    before_id = Count(1, metadata={"description": "Pages back through the history"})
    around = Count(1, metadata={"description": "An id: what is before and after it"})
    around_time = Count(
        metadata={"description": "Unix seconds: around the first message since then"}
    )
    after = Count(metadata={"description": "A change number: what came after it"})
    limit = Count(1, LIST_LIMIT, load_default=LIST_DEFAULT)

    @validates_schema
    def belongs_together(self, data: dict[str, Any], **_options: object) -> None:
        """Refuse combinations that contradict each other."""
        if "after_id" in data and "updated_since" not in data:
            raise ValidationError("Needs updated_since.", "after_id")
        if "before_id" in data and "updated_since" in data:
            raise ValidationError("Not together with updated_since.", "before_id")
        for way in ALONE:
            if way in data and not data.keys().isdisjoint(OTHER_WAYS - {way}):
                raise ValidationError("Not together with another way to ask.", way)


class Reaction(Schema):
    """Who has reacted with an emoji, in the order in which they did."""

    emoji = String(metadata={"description": "Fully-qualified"})
    user_ids = List(Integer())


class MessageOut(Schema):
    """A message, or the trace of it. Times are Unix seconds."""

    id = Integer()
    created_at = Integer()
    updated_at = Integer()
    source = String(metadata={"description": "Markdown, as it was typed"})
    html = String(metadata={"description": "Safe to show"})
    user_id = Integer()
    room_id = Integer()
    change = Integer(metadata={"description": "The number of its last change"})
    edited_at = Integer(allow_none=True)
    deleted = Boolean(metadata={"description": "Whether only the trace is left"})
    reply_to = Integer(allow_none=True)
    mentions = List(Integer(), metadata={"description": "Users whom it names"})
    reactions = List(Nested(Reaction))
    files = List(Nested(FileOut))
    idempotency_key = String(
        metadata={"description": "Only where its POST is answered"}
    )
    _links = Dict(keys=String(), values=String())


class Place(Schema):
    """The headers of a message that was stored."""

    location = String(data_key="Location", required=True)


class MessageList(Schema):
    """Messages, the room's last number, and the way on if there are more."""

    messages = List(Nested(MessageOut))
    change = Integer(metadata={"description": "What happened later comes `after` it"})
    _links = Dict(keys=String(), values=String())


class Stored(Schema):
    """How much is stored: numbers, and a size in bytes."""

    messages = Integer(metadata={"description": "With the traces of deleted ones"})
    rooms = Integer()
    files = Integer()
    file_bytes = Integer()
