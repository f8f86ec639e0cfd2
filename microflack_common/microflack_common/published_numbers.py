"""Remember in Redis which numbers of a counter were published.

Where changes are numbered without gaps, this finds those that were committed but never
published, since the instance died in between: another one publishes them then.

Instances overtake each other, so the last numbers are kept one by one: a sorted set for
each counter. Its lowest number stands for all before it. So when Redis has lost its
data, nothing is published again that is older than what was published first since then.
"""

from collections.abc import Iterable
from typing import Any, NamedTuple, Protocol

from redis import Redis

# Numbers that are kept of each counter: more than are ever published at the same time.
KEPT = 1000


class Number(NamedTuple):
    """A number of a counter. Counters are named by the service that counts."""

    counter: str
    value: int


class _Commands(Protocol):
    # A client of Redis, or a pipeline.
    def zadd(self, name: str, mapping: dict[Any, Any]) -> Any: ...
    def zremrangebyrank(self, name: str, first: int, last: int) -> Any: ...


def mark_published(commands: _Commands, numbers: Iterable[Number]) -> None:
    """Remember numbers that are published; forget the lowest when there are many."""
    by_counter: dict[str, dict[Any, Any]] = {}
    for counter, value in numbers:
        by_counter.setdefault(_key(counter), {})[value] = value
    for key, values in by_counter.items():
        commands.zadd(key, values)
        commands.zremrangebyrank(key, 0, -KEPT - 1)


def unpublished(redis: Redis, counter: str, last: int) -> list[int]:
    """Return the numbers up to ``last`` that were never published, the lowest first.

    Where nothing is known of the counter, ``last`` and all before it count as published
    from then on. What was committed a moment ago may still be on its way: give the
    ``last`` of some seconds ago. Raises RedisError.

    :param last: a number that is committed; 0 where there is none yet.
    """
    key = _key(counter)
    found: Any = redis.zrange(key, 0, -1)
    if not found:
        mark_published(redis, [Number(counter, last)])
        return []
    published = set(map(int, found))
    missing = set(range(min(published) + 1, last + 1)) - published
    return sorted(missing)


def _key(counter: str) -> str:
    return f"published:{counter}"
