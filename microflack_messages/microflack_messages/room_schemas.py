"""The bodies of /api/rooms: they check it and describe it."""

import unicodedata
from typing import Any

from apiflask import Schema
from apiflask.fields import Boolean, Dict, Integer, List, Nested, String
from apiflask.validators import Length, OneOf, Range
from marshmallow import ValidationError, validates_schema

from microflack_common.fields import Body, Flag, Number, OptionalBody, Text
from microflack_common.text import displayable, is_visible
from microflack_messages.models import MAX_ID
from microflack_messages.room_models import DIRECT, MEMBER, OWNER, PRIVATE, PUBLIC

MAX_NAME_LENGTH, MAX_TOPIC_LENGTH = 80, 500
# More come in later; the contract says how many are in a direct room.
MAX_MEMBERS, MAX_DIRECT_MEMBERS = 1000, 8
KINDS = (PUBLIC, PRIVATE, DIRECT)
NOTIFY = ("all", "mentions", "none")


class Line(Text):
    """A line of text as people see it: nothing invisible, no space around it."""

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> str:
        text = super()._deserialize(value, *args, **kwargs)
        if any(unicodedata.category(one) in {"Cc", "Zl", "Zp"} for one in text):
            raise ValidationError("Must not contain control characters.")
        return displayable(text)


def check_name(name: str) -> None:
    """Raise ValidationError for a name of which nothing would be seen."""
    if not is_visible(name):
        raise ValidationError("Must contain a visible character.")


NAME: list[Any] = [
    Length(1, MAX_NAME_LENGTH, error="Must have 1 to {max} characters."),
    check_name,
]
TOPIC = Length(0, MAX_TOPIC_LENGTH, error="Must have at most {max} characters.")


class RoomIn(OptionalBody):
    """A new room, or the direct room of some people."""

    kind = String(required=True, validate=OneOf(KINDS))
    name = Line(
        validate=NAME,
        metadata={"description": "Needed, but for a direct room, which has none"},
    )
    topic = Line(validate=TOPIC, load_default="")
    members = List(
        Number(1, MAX_ID, error="There is no such user."),
        validate=Length(0, MAX_MEMBERS),
        load_default=[],
        metadata={"description": "Others who are in it from the beginning"},
    )

    @validates_schema
    def belongs_together(self, data: dict[str, Any], **_options: object) -> None:
        """Refuse a room without a name, unless it is direct."""
        if data["kind"] != DIRECT and "name" not in data:
            raise ValidationError("Missing data for required field.", "name")
        if data["kind"] == DIRECT and data["topic"]:
            raise ValidationError("A direct room has no topic.", "topic")


class RoomPatch(OptionalBody):
    """What can be changed of a room."""

    name = Line(validate=NAME)
    topic = Line(validate=TOPIC)
    archived = Flag()


class ReadIn(Body):
    """How far somebody has read."""

    up_to = Number(
        1,
        MAX_ID,
        required=True,
        error="There is no such message in the room.",
        metadata={"description": "The id of a message of the room"},
    )


class NotifyIn(Body):
    """Of what somebody wants to be told."""

    notify = String(required=True, validate=OneOf(NOTIFY))


class RoomOut(Schema):
    """A room. Times are Unix seconds.

    From `unread` on only for who is in it.
    """

    id = Integer(required=True)
    created_at = Integer(required=True)
    updated_at = Integer(required=True)
    name = String(
        required=True, metadata={"description": "Of a direct room, the others' names"}
    )
    topic = String(required=True)
    kind = String(required=True, validate=OneOf(KINDS))
    archived = Boolean(required=True)
    change = Integer(
        required=True, metadata={"description": "The number of its last change"}
    )
    members = Integer(
        required=True, metadata={"description": "How many people are in it"}
    )
    unread = Integer(validate=Range(0))
    mentions = Integer(metadata={"description": "How many of them mention one"})
    read_up_to = Integer(metadata={"description": "The id of a message, or 0"})
    notify = String(validate=OneOf(NOTIFY))
    role = String(validate=OneOf((OWNER, MEMBER)))
    last_message_at = Integer(allow_none=True)
    _links = Dict(keys=String(), values=String())


class RoomPlace(Schema):
    """The headers of a room that was made."""

    location = String(data_key="Location", required=True)


class RoomList(Schema):
    """The rooms that one may read."""

    rooms = List(Nested(RoomOut), required=True)


class Membership(Schema):
    """That somebody is in a room."""

    user_id = Integer(required=True)
    role = String(required=True, validate=OneOf((OWNER, MEMBER)))
    joined_at = Integer(required=True, metadata={"description": "Unix seconds"})


class MemberList(Schema):
    """Who is in a room, those first who have been in it longest."""

    members = List(Nested(Membership), required=True)
