"""What all servers that are compared have in common."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

# Called with the number of the session that hears a text, and with the text.
OnText = Callable[[int, str], None]
# How many messages the newest are.
NEWEST = 100
# Sessions that sign in at a time.
CONNECTING_AT_ONCE = 10


class Session(Protocol):
    """Somebody who has signed in and is in the room."""

    async def post(self, text: str) -> None:
        """Post a text; return when the server has acknowledged it.

        Raises PlatformError when it does not.
        """

    async def newest(self) -> int:
        """Ask for the newest messages; return how many came."""

    async def listen(self, on_text: OnText) -> None:
        """Have everything that is posted from now on handed to ``on_text``."""

    async def close(self) -> None:
        """Leave."""


class Peer(Protocol):
    """A server with data of its own, on 127.0.0.1.

    ``setup`` says in a few words how it is set up, and which limits were lifted.
    """

    name: str
    setup: str

    def start(self, folder: Path) -> None:
        """Start it with nothing stored; raise PlatformError when that is not possible.

        All that it writes goes into the folder.
        """

    def stop(self) -> None:
        """Stop it; nothing is left running."""

    def pids(self) -> list[int]:
        """Return its processes; those that they have started belong to them."""

    async def session(self, number: int) -> Session:
        """Sign somebody in, who is registered if need be."""

    def stored(self) -> list[str]:
        """Return the texts that are in its database."""


async def sessions(peer: Peer, numbers: range) -> list[Session]:
    """Sign many people in, some at a time."""
    found: list[Session] = []
    for start in numbers[::CONNECTING_AT_ONCE]:
        some = range(start, min(start + CONNECTING_AT_ONCE, numbers.stop))
        found += await asyncio.gather(*map(peer.session, some))
    return found
