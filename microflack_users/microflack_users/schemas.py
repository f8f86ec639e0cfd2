"""The bodies and query strings of the API: they check it and describe it."""

from typing import Any

from apiflask import Schema
from apiflask.fields import Boolean, Dict, Integer, List, Nested, String
from apiflask.validators import Length
from marshmallow import ValidationError, validates_schema

from microflack_common.fields import Body, Count, Flag, Number, OptionalBody, Text
from microflack_users import invitations, nicknames, passwords

# A list has at most this many users; its link "next" leads on.
LIST_LIMIT = 500


def check_password(password: str) -> None:
    """Raise ValidationError unless a password may be chosen."""
    if problem := passwords.problem(password):
        raise ValidationError(problem)


NICKNAME: list[Any] = [Length(1, nicknames.MAX_LENGTH), nicknames.check]
# What is compared only may be as it was chosen in earlier releases.
OLD_PASSWORD = Length(1, passwords.MAX_LENGTH)
CODE = Length(1, 64)
# For the description: check_password says it in its own words.
LENGTHS = {"minLength": passwords.MIN_LENGTH, "maxLength": passwords.MAX_LENGTH}


class UserIn(OptionalBody):
    """A new account."""

    nickname = Text(required=True, validate=NICKNAME)
    password = Text(required=True, validate=check_password, metadata=LENGTHS)
    invitation = Text(validate=CODE, metadata={"description": "the code of one"})

    @validates_schema
    def password_is_not_the_nickname(self, data: Any, **_options: object) -> None:
        """Refuse the first thing that anybody would try."""
        if problem := passwords.problem(data["password"], data["nickname"]):
            raise ValidationError(problem, "password")


class UserPatch(OptionalBody):
    """What can be changed of an account.

    One that has a nickname already may send it again, whatever was allowed then.
    """

    nickname = Text(validate=NICKNAME[:1])
    password = Text(validate=check_password, metadata=LENGTHS)
    current_password = Text(validate=OLD_PASSWORD)
    admin = Flag()
    deactivated = Flag()

    @validates_schema
    def something_is_changed(self, data: dict[str, Any], **_options: object) -> None:
        """Refuse a body that changes nothing."""
        if not data.keys() - {"current_password"}:
            sentence = "Give a nickname, a password, admin or deactivated."
            raise ValidationError(sentence, "nickname")


class Proof(Body):
    """That it is the owner who asks."""

    current_password = Text(required=True, validate=OLD_PASSWORD)


class InvitationIn(OptionalBody):
    """A new invitation."""

    expires_in = Number(
        1,
        invitations.MAX_LIFETIME_SECONDS,
        load_default=invitations.LIFETIME_SECONDS,
        metadata={"description": "seconds"},
    )
    uses = Number(1, invitations.MAX_USES, load_default=1)
    admin = Flag(
        load_default=False,
        metadata={"description": "who registers with it is an administrator"},
    )


class InvitationOut(Schema):
    """An invitation. Times are Unix seconds."""

    code = String()
    url = String(metadata={"description": "the page, which registers with it"})
    expires_at = Integer()
    uses_left = Integer()
    admin = Boolean()


class NewInvitation(InvitationOut):
    """An invitation that has just been made."""


class InvitationList(Schema):
    """Invitations that can still be used."""

    invitations = List(Nested(InvitationOut))


class ResetIn(Body):
    """Another password, with a code that was given out."""

    code = Text(required=True, validate=CODE)
    password = Text(required=True, validate=check_password, metadata=LENGTHS)


class ResetOut(Schema):
    """A code that sets another password, once."""

    code = String()
    url = String(metadata={"description": "the page, which asks for the password"})
    expires_at = Integer(metadata={"description": "Unix seconds"})


class UserListQuery(Schema):
    """Which users are listed."""

    online = Count(maximum=1)
    updated_since = Count(metadata={"description": "Unix seconds"})
    after = Text(metadata={"description": "with updated_since: continues a list"})
    limit = Count(1, LIST_LIMIT, load_default=LIST_LIMIT)


class PictureQuery(Schema):
    """Which version of a picture is meant."""

    version = String(metadata={"description": "as in a user's picture_url"})


class UserOut(Schema):
    """A user. Times are Unix seconds."""

    id = Integer()
    created_at = Integer()
    updated_at = Integer()
    last_seen_at = Integer()
    nickname = String()
    online = Boolean()
    admin = Boolean()
    deactivated = Boolean()
    picture_url = String(
        allow_none=True, metadata={"description": "in this version; null without one"}
    )
    _links = Dict(keys=String(), values=String())


class Place(Schema):
    """The headers of what was made."""

    location = String(data_key="Location", required=True)


class UserList(Schema):
    """Users, and the way on if there are more."""

    users = List(Nested(UserOut))
    _links = Dict(keys=String(), values=String())


class Blocked(Schema):
    """Somebody whom one has blocked."""

    user_id = Integer()
    blocked_at = Integer(metadata={"description": "Unix seconds"})


class BlockedList(Schema):
    """All whom one has blocked."""

    blocked = List(Nested(Blocked))


class Export(Schema):
    """All that this service knows of an account."""

    user = Nested(UserOut)
    picture = String(allow_none=True, metadata={"description": "as a data: URL"})
    invitations = List(Nested(InvitationOut))
    blocked = List(Nested(Blocked))


class Stored(Schema):
    """How much is stored: numbers, and a size in bytes."""

    people = Integer(metadata={"description": "Without deleted accounts"})
    deactivated = Integer()
    administrators = Integer()
    pictures = Integer()
    picture_bytes = Integer()
