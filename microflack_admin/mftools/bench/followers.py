"""Many clients that follow, connected a few at a time."""

import asyncio
from collections.abc import Callable, Sequence

from mftools.bench.follower import Follower
from mftools.bench.http_client import Address
from mftools.bench.private_room import PrivateRoom

CONNECTING_AT_ONCE = 25


async def connect_all(
    address: Address,
    path: str,
    size: int,
    say: Callable[[str], None],
    room: PrivateRoom | None = None,
) -> list[Follower]:
    """Return so many followers, of a room if one is given, connected."""
    say(f"  {size} clients connect")
    followers = [Follower(address, path, number, room=room) for number in range(size)]
    await start_all(followers)
    return followers


async def start_all(followers: Sequence[Follower]) -> None:
    """Connect followers, some at a time."""
    for start in range(0, len(followers), CONNECTING_AT_ONCE):
        some = followers[start : start + CONNECTING_AT_ONCE]
        await asyncio.gather(*(one.start() for one in some))
