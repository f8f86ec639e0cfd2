"""The bodies and query strings of the API: they check it and describe it."""

import unicodedata

from apiflask import Schema
from apiflask.fields import Boolean, Dict, Integer, List, Nested, String
from apiflask.validators import Length
from marshmallow import ValidationError, validates_schema

from microflack_common.fields import Body, Count, Text

NICKNAME_LENGTH = 32
PASSWORD_LENGTH = 128
# A list has at most this many users; its link "next" leads on.
LIST_LIMIT = 500
# Controls, surrogates and line separators, and what turns the direction of text around.
REFUSED_CATEGORIES = {"Cc", "Cs", "Zl", "Zp"}
REFUSED = set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def check_nickname(nickname: str) -> None:
    """Raise ValidationError unless people can see, type and sign in with a nickname."""
    if nickname != nickname.strip():
        raise ValidationError("Must not begin or end with white space.")
    categories = {unicodedata.category(character) for character in nickname}
    if categories & REFUSED_CATEGORIES or REFUSED & set(nickname):
        raise ValidationError("Must not contain control characters.")
    if all(category[0] in "CZ" for category in categories):
        raise ValidationError("Must contain a visible character.")
    if ":" in nickname:
        raise ValidationError(
            "Must not contain a colon, which ends it when signing in."
        )


NICKNAME = [Length(1, NICKNAME_LENGTH), check_nickname]
PASSWORD = Length(1, PASSWORD_LENGTH)


class UserIn(Body):
    """A new account."""

    nickname = Text(required=True, validate=NICKNAME)
    password = Text(required=True, validate=PASSWORD)


class UserPatch(Body):
    """What can be changed of an account."""

    nickname = Text(validate=NICKNAME)
    password = Text(validate=PASSWORD)

    @validates_schema
    def something_is_changed(self, data: dict[str, str], **_options: object) -> None:
        """Refuse a body that changes nothing."""
        if not data:
            raise ValidationError("Give a nickname or a password.", "nickname")


class UserListQuery(Schema):
    """Which users are listed."""

    online = Count(maximum=1)
    updated_since = Count(metadata={"description": "Unix seconds"})
    after = Text(metadata={"description": "with updated_since: continues a list"})
    limit = Count(1, LIST_LIMIT, load_default=LIST_LIMIT)


class UserOut(Schema):
    """A user. Times are Unix seconds."""

    id = Integer()
    created_at = Integer()
    updated_at = Integer()
    last_seen_at = Integer()
    nickname = String()
    online = Boolean()
    _links = Dict(keys=String(), values=String())


class UserList(Schema):
    """Users, and the way on if there are more."""

    users = List(Nested(UserOut))
    _links = Dict(keys=String(), values=String())
