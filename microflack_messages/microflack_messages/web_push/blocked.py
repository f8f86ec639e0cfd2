"""Know whom people have blocked, of whom their browsers are not to be told.

Only the users service knows it. It is asked in the place of who is told, in the name of
this service: that is no sign of life of theirs.
"""

import logging
from collections.abc import Collection

from flask import Flask, current_app

from microflack_common import service_tokens
from microflack_common.errors import ServiceUnavailable
from microflack_common.http import Client

logger = logging.getLogger(__name__)

PATH = "/api/users/me/blocked"
# To connect, and between two bytes of the answer.
TIMEOUTS_SECONDS = (1.0, 3.0)
RETRIES = 1
# Releases of the users service in which nobody blocks anybody do not know the path.
NO_BLOCKS = (404, 405)


class BlockedPeople:
    """Asks through the load balancer. It can be shared by threads.

    :param base_url: the load balancer; empty where the service runs alone.
    """

    def __init__(self, base_url: str) -> None:
        self._client = Client(base_url, TIMEOUTS_SECONDS, RETRIES) if base_url else None

    def of_user(self, user_id: int) -> Collection[int]:
        """Return the ids of those whom somebody has blocked.

        They are none where no users service can be asked: this runs alone, or has no
        key for it. Raises ServiceUnavailable as long as there is no good answer.
        """
        if self._client is None or not service_tokens.are_possible():
            return set()
        token = service_tokens.issue_service_token(user_id)
        answer = self._client.get(PATH, headers={"Authorization": f"Bearer {token}"})
        if answer.status_code in NO_BLOCKS:
            return set()
        if answer.status_code != 200:
            logger.warning("The users service answers %d", answer.status_code)
            raise ServiceUnavailable("It is not known whom people have blocked.")
        return {one["user_id"] for one in answer.json()["blocked"]}


def init_app(app: Flask) -> None:
    """Let ``app`` ask the users service behind its load balancer."""
    app.extensions["microflack_blocked_people"] = BlockedPeople(app.config["LB"])


def blocked_by(user_id: int) -> Collection[int]:
    """Return the ids of those whom somebody has blocked; raises as ``of_user`` does."""
    people: BlockedPeople = current_app.extensions["microflack_blocked_people"]
    return people.of_user(user_id)
