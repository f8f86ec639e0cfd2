"""How often somebody may do something: counted for all instances together, in Redis.

What an address may do is counted by the load balancer. Needs the extra
``microflack-common[events]``.
"""

import math
import threading
import time
from collections.abc import Callable

from flask import Flask, Response, current_app
from redis import RedisError

from microflack_common import local, redis
from microflack_common.errors import error_response
from microflack_common.outage import Outage

# While Redis is away it is not asked for each request, which may take seconds.
RETRY_SECONDS = 5.0
# What one instance remembers without Redis: more people than write at a time.
MAX_REMEMBERED = 10_000

# The generic cell rate algorithm (ITU-T I.371): of each key only the moment is kept at
# which all that it was allowed would have been done at an even pace. Times are those
# of Redis, in microseconds.
ADMIT = """
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local due = math.max(tonumber(redis.call('GET', KEYS[1]) or 0), now) + ARGV[1]
local wait = due - now - ARGV[2]
if wait > 0 then
  return wait
end
if ARGV[3] == '0' then
  return 0
end
redis.call('SET', KEYS[1], string.format('%.0f', due), 'PX', math.ceil(ARGV[2] / 1000))
return 0
"""


class RateLimit:
    """So many in a second, and so many at once after a pause.

    While Redis is away each instance counts for itself.

    :param name: what is counted, such as ``posts``; it names the keys in Redis.
    :param per_second: how many in each second.
    :param burst: how many at once.
    :param address: HOST:PORT of Redis; empty or ``local:`` where an instance
        runs alone.
    :param clock: the time in seconds, for counting without Redis.
    """

    def __init__(
        self,
        name: str,
        per_second: float,
        burst: int,
        address: str = "",
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._name = name
        # In microseconds, as whole numbers: a burst is as large as it is said to be.
        self._interval = round(1e6 / per_second)
        self._window = round(1e6 * burst / per_second)
        self._clock = clock
        # In one process there is nobody to count with.
        alone = not address or local.is_local(address)
        self._redis = None if alone else redis.connect(address)
        self._retry_at = -math.inf
        self._outage = Outage(f"Counting {name} alone", f"Counting {name} together")
        self._lock = threading.Lock()
        self._due: dict[str, int] = {}

    def wait_seconds(self, key: object, *, counts: bool = True) -> float:
        """Count one of ``key`` and return 0; or return how long it has to wait.

        What has to wait is not counted.

        :param counts: False to ask only whether one more would have to wait.
        """
        if self._redis and self._clock() >= self._retry_at:
            try:
                return self._ask_redis(str(key), counts)
            except (RedisError, OSError) as error:
                self._retry_at = self._clock() + RETRY_SECONDS
                self._outage.begin(error)
        return self._count_alone(str(key), counts)

    def _ask_redis(self, key: str, counts: bool) -> float:
        assert self._redis is not None
        name = f"limit:{self._name}:{key}"
        pace = (self._interval, self._window)
        wait = self._redis.eval(ADMIT, 1, name, *pace, int(counts))
        self._outage.end()
        return int(wait) / 1e6

    def _count_alone(self, key: str, counts: bool) -> float:
        with self._lock:
            now = round(self._clock() * 1e6)
            due = max(self._due.get(key, now), now) + self._interval
            wait = due - now - self._window
            if wait > 0:
                return wait / 1e6
            if not counts:
                return 0.0
            if len(self._due) >= MAX_REMEMBERED:
                self._due = {k: d for k, d in self._due.items() if d > now}
            self._due[key] = due
            return 0.0


class TooMany(Exception):
    """Raised for what is more than is allowed; answered with 429."""

    def __init__(self, what: str, wait_seconds: float) -> None:
        super().__init__(f"Too many {what}. Slow down.")
        self.retry_after = max(1, math.ceil(wait_seconds))


def init_app(app: Flask, limits: dict[str, RateLimit]) -> None:
    """Have ``app`` count what these name, unless its setting LIMITS is False."""
    counted = limits if app.config.get("LIMITS", True) else {}
    app.extensions["microflack_limits"] = counted

    def refuse(error: TooMany) -> Response:
        retry = {"Retry-After": str(error.retry_after)}
        return error_response(429, str(error), retry)

    app.register_error_handler(TooMany, refuse)


def count(what: str, key: object) -> None:
    """Count one of ``what`` for ``key``; raise TooMany if it is one too many."""
    _ask(what, key, counts=True)


def check(what: str, key: object) -> None:
    """Raise TooMany if one more of ``what`` were one too many; count nothing."""
    _ask(what, key, counts=False)


def _ask(what: str, key: object, *, counts: bool) -> None:
    limit: RateLimit | None = current_app.extensions["microflack_limits"].get(what)
    if limit and (wait := limit.wait_seconds(key, counts=counts)) > 0:
        raise TooMany(what, wait)
