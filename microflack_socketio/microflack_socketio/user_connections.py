"""The connections of each user, over all instances.

A user is offline with their last connection. Redis keeps a sorted set for each user:
the ids of connections, with the time until which each of them counts. An instance
refreshes those of its own clients, so the connections of a killed instance soon keep
nobody online.
"""

import time
from collections.abc import Callable, Collection

from redis import Redis, RedisError

from microflack_common.outage import Outage
from microflack_common.redis import connect

# How long a connection counts without being refreshed.
LIFETIME_SECONDS = 40
REFRESH_PERIOD_SECONDS = 10.0
# How long one counts that is closed because its instance stops: by then its client is
# back at another instance.
MOVING_LIFETIME_SECONDS = 5


class UserConnections:
    """Notes the connections of each user, and says whether there are any.

    :param address: HOST:PORT of Redis; without it, this instance is all there is.
    """

    def __init__(self, address: str) -> None:
        self._redis = connect(address) if address else None
        self._outage = Outage(
            "Connections at other instances are not known", "They are known again"
        )

    def refresh(
        self,
        connections: Collection[tuple[int, str]],
        lifetime_seconds: int = LIFETIME_SECONDS,
    ) -> None:
        """Note that connections are open; each is the id of a user and its own."""
        until = time.time() + lifetime_seconds

        def command(redis: Redis) -> None:
            with redis.pipeline(transaction=False) as pipeline:
                for user_id, connection in connections:
                    pipeline.zadd(_key(user_id), {connection: until})
                    pipeline.expire(_key(user_id), LIFETIME_SECONDS)
                pipeline.execute()

        if connections:
            self._call(command)

    def remove(self, user_id: int, connection: str) -> None:
        """Note that a connection of a user has been closed."""
        self._call(lambda redis: redis.zrem(_key(user_id), connection))

    def has_any(self, user_id: int) -> bool:
        """Say whether a user has an open connection, here or at another instance.

        Without Redis only the other instances know; then the answer is no.
        """
        now = time.time()
        return bool(self._call(lambda redis: redis.zcount(_key(user_id), now, "+inf")))

    def _call(self, command: Callable[[Redis], object]) -> object:
        """Return what Redis answers to a command; None when it is away."""
        if self._redis is None:
            return None
        try:
            answer = command(self._redis)
        except (RedisError, OSError) as error:
            self._outage.begin(error)
            return None
        self._outage.end()
        return answer


def _key(user_id: int) -> str:
    return f"connections:{user_id}"
