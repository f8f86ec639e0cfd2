"""Ask the users service who there is, for as little as possible.

That is what has changed since, and only if it is not the same as the last time.
"""

import logging
from typing import Any

from flask import has_request_context, request
from requests import Response

from microflack_common import access
from microflack_common.errors import ServiceUnavailable
from microflack_common.http import Client

logger = logging.getLogger(__name__)

PATH = "/api/users"
# To connect, and between two bytes of the answer.
TIMEOUTS_SECONDS = (1.0, 3.0)
RETRIES = 1
# So much the clocks of its instances may differ.
OVERLAP_SECONDS = 60
UNKNOWN = "It is not known right now who there is. Try again shortly."

User = dict[str, Any]


class UsersClient:
    """Asks through the load balancer. One thread at a time lists users.

    All raises ServiceUnavailable where there is no good answer.

    :param base_url: the load balancer.
    """

    def __init__(self, base_url: str) -> None:
        self._client = Client(base_url, TIMEOUTS_SECONDS, RETRIES)
        # The last change that is known, and what names the answer that told of it.
        self._newest = 0
        self._tag: str | None = None

    def one(self, user_id: int) -> User | None:
        """Return a user, or None if there is none with this id."""
        answer = self._ask(f"{PATH}/{user_id}")
        user: User = answer.json()
        return user if answer.status_code == 200 else None

    def all(self) -> list[User]:
        """Return all users; ``changed`` goes on from here."""
        self._tag = None
        found = self._list(f"{PATH}?updated_since=0")
        self._newest = _newest(found)
        return found

    def changed(self) -> list[User]:
        """Return who was changed since the last time, and perhaps others."""
        since = max(0, self._newest - OVERLAP_SECONDS)
        found = self._list(f"{PATH}?updated_since={since}")
        if _newest(found) > self._newest:
            # The next question is another one.
            self._newest, self._tag = _newest(found), None
        return found

    def _list(self, url: str) -> list[User]:
        """Return the users of a list and of what continues it; none if it is known."""
        answer = self._ask(url, self._tag)
        if answer.status_code == 304:
            return []
        tag = answer.headers.get("ETag")
        found: list[User] = answer.json().get("users", [])
        while following := answer.json().get("_links", {}).get("next"):
            answer = self._ask(following)
            found += answer.json().get("users", [])
        self._tag = tag
        return found

    def _ask(self, url: str, tag: str | None = None) -> Response:
        headers = _authorization() | ({"If-None-Match": tag} if tag else {})
        answer = self._client.get(url, headers=headers)
        if answer.status_code not in (200, 304, 404):
            logger.warning("The users service answers %d", answer.status_code)
            raise ServiceUnavailable(UNKNOWN)
        return answer


def may_ask() -> bool:
    """Say whether the users service can be asked now: perhaps that needs a token.

    It is asked in the name of whoever asks here.
    """
    return access.is_open() or "Authorization" in _authorization()


def _authorization() -> dict[str, str]:
    """Return what the users service has to see of a token: nothing where it is open."""
    if access.is_open() or not has_request_context():
        return {}
    token = request.headers.get("Authorization")
    return {"Authorization": token} if token else {}


def _newest(users: list[User]) -> int:
    return max((one["updated_at"] for one in users), default=0)
