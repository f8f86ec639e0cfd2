"""The connections of each user, over all instances.

A user is offline with their last connection. Redis keeps a sorted set for each user:
the ids of connections, with the time until which each of them counts. An instance
refreshes those of its own clients, so the connections of a killed instance soon keep
nobody online.
"""

import logging
import time
from collections.abc import Iterable

from redis import RedisError

from microflack_common import push

logger = logging.getLogger(__name__)

# How long a connection counts without being refreshed.
LIFETIME_SECONDS = 40
REFRESH_INTERVAL_SECONDS = 10.0
# How long one counts that is closed because its instance stops: by then its client is
# back at another instance.
MOVING_LIFETIME_SECONDS = 5


class UserConnections:
    """Notes the connections of each user, and says whether there are any.

    :param address: HOST:PORT of Redis; without it, this instance is all there is.
    """

    def __init__(self, address: str) -> None:
        self._redis = push.connect(address) if address else None

    def refresh(
        self,
        connections: Iterable[tuple[int, str]],
        lifetime_seconds: int = LIFETIME_SECONDS,
    ) -> None:
        """Note that connections are open; each is the id of a user and its own."""
        if self._redis is None:
            return
        until = time.time() + lifetime_seconds
        try:
            with self._redis.pipeline(transaction=False) as pipeline:
                for user_id, connection in connections:
                    pipeline.zadd(_key(user_id), {connection: until})
                    pipeline.expire(_key(user_id), LIFETIME_SECONDS)
                pipeline.execute()
        except (RedisError, OSError) as error:
            logger.warning("Connections are not counted right now: %s", error)

    def remove(self, user_id: int, connection: str) -> None:
        """Note that a connection of a user has been closed."""
        if self._redis is not None:
            try:
                self._redis.zrem(_key(user_id), connection)
            except (RedisError, OSError) as error:
                logger.warning("A closed connection still counts: %s", error)

    def has_any(self, user_id: int) -> bool:
        """Say whether a user has an open connection, here or at another instance.

        Without Redis only the other instances know; then the answer is no.
        """
        if self._redis is None:
            return False
        try:
            count: int = self._redis.zcount(_key(user_id), time.time(), "+inf")
        except (RedisError, OSError) as error:
            logger.warning("Connections elsewhere are not known: %s", error)
            return False
        return count > 0


def _key(user_id: int) -> str:
    return f"connections:{user_id}"
