"""Who is connected, over all instances: a user is offline with their last connection.

Redis keeps a sorted set for each user, CONNECTION -> when it is to be forgotten. An
instance refreshes those of its own connections, so that the ones of an instance that
was killed keep nobody online.
"""

import logging
import time
from collections.abc import Iterable

from redis import RedisError

from microflack_common import push

logger = logging.getLogger(__name__)

# Seconds that a connection counts without being refreshed, and between two refreshes.
LIFETIME = 40
REFRESH = 10.0
# Seconds that one counts which the instance closes because it stops: its client is
# back at another instance by then.
MOVING = 5


class UserConnections:
    """Counts the connections of each user.

    :param address: HOST:PORT of Redis; without it, this instance is all there is.
    """

    def __init__(self, address: str) -> None:
        self._redis = push.connect(address) if address else None

    def refresh(
        self, connections: Iterable[tuple[int, str]], lifetime: int = LIFETIME
    ) -> None:
        """Note that these connections, each of a user, are open."""
        if self._redis is None:
            return
        until = time.time() + lifetime
        try:
            with self._redis.pipeline(transaction=False) as pipeline:
                for user_id, connection in connections:
                    pipeline.zadd(_key(user_id), {connection: until})
                    pipeline.expire(_key(user_id), LIFETIME)
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

    def any_of(self, user_id: int) -> bool:
        """Say whether a user has an open connection, here or anywhere.

        Without Redis only other instances would know; then it says no.
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
