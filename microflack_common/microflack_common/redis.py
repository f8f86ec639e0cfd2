"""Connect to Redis. Needs the extra ``microflack-common[events]``."""

from typing import cast
from urllib.parse import unquote, urlsplit

from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from microflack_common import local
from microflack_common.local_queue import LocalQueue

DEFAULT_PORT = 6379
# What a silent server costs at most.
TIMEOUT_SECONDS = 2.0

# The queue of this process, which all share who ask for ``local:``.
_own = LocalQueue()


def connect(address: str) -> Redis:
    """Return a client of Redis that tells of every failure at once.

    It connects at its first use. Each call raises RedisError when Redis is away.

    :param address: HOST:PORT, or NAME:PASSWORD@HOST:PORT (percent-encoded) where Redis
        wants to know who asks (see its manual, "ACL"); or ``local:``, the queue within
        this process, which offers the commands that are used.
    """
    if local.is_local(address):
        return cast(Redis, _own)
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
