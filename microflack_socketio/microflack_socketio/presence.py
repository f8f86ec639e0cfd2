"""Set users offline whose last connection was closed."""

import logging
from collections.abc import Callable

from flask import Flask

from microflack_common import service_tokens
from microflack_common.errors import ServiceUnavailable
from microflack_common.http import Client as HttpClient
from microflack_common.service_tokens import issue_service_token
from microflack_common.tokens import issue_token
from microflack_socketio.user_connections import UserConnections

logger = logging.getLogger(__name__)

# A user is offline so long after their last connection was closed: a page that is
# loaded again is back by then.
OFFLINE_DELAY_SECONDS = 1.0
# How long the token is good by which this service speaks for a user.
OWN_TOKEN_SECONDS = 60


class Presence:
    """Tells the users service who has left.

    :param connections: those of all users, over all instances.
    :param is_here: whether a user has a connection at this instance.
    :param sleep: waits so many seconds, without holding up clients.
    """

    def __init__(
        self,
        app: Flask,
        connections: UserConnections,
        is_here: Callable[[int], bool],
        sleep: Callable[[float], object],
    ) -> None:
        self._app = app
        self._services: HttpClient = app.extensions["microflack_services"]
        self._connections = connections
        self._is_here = is_here
        self._sleep = sleep

    def leave(self, user_id: int, sid: str) -> None:
        """Set a user offline soon whose connection was closed, if it was the last."""
        self._connections.remove(user_id, sid)
        self._sleep(OFFLINE_DELAY_SECONDS)
        if self._has_connection(user_id):
            return
        self._set_online("DELETE", user_id)
        if self._has_connection(user_id):
            # They came back during the request.
            self._set_online("PUT", user_id)

    def _has_connection(self, user_id: int) -> bool:
        return self._is_here(user_id) or self._connections.has_any(user_id)

    def _set_online(self, method: str, user_id: int) -> None:
        # The client's own token may have expired: the service speaks for the user.
        try:
            with self._app.app_context():
                status = 401
                if service_tokens.are_possible():
                    status = self._ask(method, issue_service_token(user_id))
                if status == 401:
                    # An older release of the users service knows no other way.
                    self._ask(method, issue_token(user_id, OWN_TOKEN_SECONDS))
        except ServiceUnavailable as error:
            # Without a sign of life the user is offline soon anyway.
            logger.warning("The users service was not told: %s", error)

    def _ask(self, method: str, token: str) -> int:
        headers = {"Authorization": f"Bearer {token}"}
        answer = self._services.request(method, "/api/users/me", headers=headers)
        return answer.status_code
