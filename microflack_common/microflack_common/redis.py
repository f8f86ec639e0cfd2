"""Connect to Redis. Needs the extra ``microflack-common[events]``."""

from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry

# What a silent server costs at most.
TIMEOUT_SECONDS = 2.0


def connect(address: str) -> Redis:
    """Return a client for the Redis at HOST:PORT that tells of every failure at once.

    It connects at its first use. Each call raises RedisError when Redis is away.
    """
    host, _, port = address.rpartition(":")
    return Redis(
        host=host,
        port=int(port),
        socket_connect_timeout=TIMEOUT_SECONDS,
        socket_timeout=TIMEOUT_SECONDS,
        retry=Retry(NoBackoff(), 0),
        protocol=2,
    )
