"""The bodies and query strings of the API: they check it and describe it."""

from apiflask import Schema
from apiflask.fields import Boolean, Integer, List, Nested, String
from apiflask.validators import Regexp

from microflack_common.tokens import KEY


class PairOut(Schema):
    """A new token, and what it is renewed with."""

    token = String(metadata={"description": "a JSON Web Token, good for one hour"})
    expires_at = Integer(metadata={"description": "of the token, in Unix seconds"})
    refresh_token = String(
        metadata={"description": "good for 30 days and once; not with the cookie"}
    )


class ClaimsOut(Schema):
    """What a token says. Times are Unix seconds."""

    user_id = Integer()
    iat = Integer(metadata={"description": "issued at"})
    exp = Integer(metadata={"description": "expires at"})
    jti = String(metadata={"description": "the token's id"})
    sid = String(
        metadata={"description": "the session's id"}, allow_none=True, dump_default=None
    )


class SessionOut(Schema):
    """One session. Times are Unix seconds."""

    id = String()
    created_at = Integer(metadata={"description": "when the user signed in"})
    last_used_at = Integer(metadata={"description": "when a token was issued"})
    agent = String(metadata={"description": "the program, as it named itself then"})
    address = String(metadata={"description": "from where the user signed in"})
    current = Boolean(metadata={"description": "whether the token belongs to it"})


class SessionList(Schema):
    """The sessions that go on, the one that was used last first."""

    sessions = List(Nested(SessionOut))


class EndQuery(Schema):
    """What is not ended."""

    spared = String(
        data_key="except",
        validate=Regexp(f"^{KEY.pattern}$", error="Not the id of a session or token."),
        metadata={"description": "a session, or a token without one, that goes on"},
    )
