"""The /api/tokens endpoint."""

from apiflask import APIBlueprint, Schema
from apiflask.fields import String
from flask import current_app

from microflack_common.auth import basic_auth, issue_token
from microflack_common.errors import ServiceUnavailable
from microflack_common.http import Client

tokens = APIBlueprint("tokens", __name__, url_prefix="/api/tokens", tag="tokens")
credentials = basic_auth()


class TokenOut(Schema):
    """A new token."""

    token = String(metadata={"description": "a JSON Web Token, good for one hour"})


@credentials.verify_password
def check_with_users(nickname: str, password: str) -> int | None:
    """Return the id of the user with these credentials, or None.

    Passwords are known to the users service alone: it is asked.
    """
    if not nickname:
        return None
    services: Client = current_app.extensions["microflack_services"]
    answer = services.get("/api/users/me", auth=(nickname.encode(), password.encode()))
    if answer.status_code == 200:
        return int(answer.json()["id"])
    if answer.status_code == 401:
        return None
    raise ServiceUnavailable("The users service cannot check passwords right now.")


@tokens.post("")
@tokens.auth_required(credentials)
@tokens.output(TokenOut)
def sign_in() -> dict[str, str]:
    """Issue a token. For whoever gives a user's nickname and password."""
    return {"token": issue_token(credentials.current_user)}
