"""Connect to Redis. Needs the extra ``microflack-common[events]``."""

from urllib.parse import unquote, urlsplit

from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry

DEFAULT_PORT = 6379
# What a silent server costs at most.
TIMEOUT_SECONDS = 2.0


def connect(address: str) -> Redis:
    """Return a client of Redis that tells of every failure at once.

    It connects at its first use. Each call raises RedisError when Redis is away.

    :param address: HOST:PORT, or NAME:PASSWORD@HOST:PORT (percent-encoded) where Redis
        wants to know who asks (see its manual, "ACL").
    """
    found = urlsplit(f"//{address}")
    return Redis(
        host=found.hostname or "127.0.0.1",
        port=found.port or DEFAULT_PORT,
        username=unquote(found.username) if found.username else None,
        password=unquote(found.password) if found.password else None,
        socket_connect_timeout=TIMEOUT_SECONDS,
        socket_timeout=TIMEOUT_SECONDS,
        retry=Retry(NoBackoff(), 0),
        protocol=2,
    )
