"""Ask the messages service in which rooms somebody is."""

from typing import Any

from flask import Flask

from microflack_common.errors import ServiceUnavailable
from microflack_common.http import Client as HttpClient
from microflack_common.tokens import InvalidToken

# To connect, and between two bytes of the answer. Who fails is asked again.
TIMEOUTS_SECONDS = (1.0, 5.0)
PATH = "/api/rooms"


class RoomsOfUsers:
    """Asks through the load balancer, each time with the token of who wants to know."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._services = HttpClient(app.config["LB"], TIMEOUTS_SECONDS, retries=0)

    def ask(self, token: str | None) -> set[int]:
        """Return the ids of the rooms that a token's user is in, or of public ones.

        Raises InvalidToken for a token that is not good, ServiceUnavailable without an
        answer that can be used.

        :param token: None asks for the public rooms.
        """
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        with self._app.app_context():
            answer = self._services.get(PATH, headers=headers)
        if answer.status_code == 401:
            raise InvalidToken("The token is not good. Sign in again.")
        if answer.status_code != 200:
            raise ServiceUnavailable(f"{PATH} answered {answer.status_code}.")
        try:
            rooms = answer.json()["rooms"]
            return {room["id"] for room in rooms if _is_heard(room, token)}
        except (ValueError, LookupError, TypeError) as error:
            raise ServiceUnavailable(f"{PATH} answered something else.") from error


def _is_heard(room: dict[str, Any], token: str | None) -> bool:
    # Public rooms that one is not in are listed, too.
    return is_member(room) if token else is_public(room)


def is_member(room: dict[str, Any]) -> bool:
    """Say whether a room is shown as to somebody who is in it."""
    return room.get("role") is not None


def is_public(room: dict[str, Any]) -> bool:
    """Say whether everybody may read a room."""
    return room.get("kind") == "public"
