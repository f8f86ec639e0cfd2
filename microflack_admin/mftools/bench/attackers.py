"""What strangers do to a chat that is open to them: one attack, until it is stopped.

python -m mftools.bench.attackers ATTACK HOST PORT SOURCE

A process of its own, so that it costs those who measure nothing. SOURCE is the address
that it comes from. What it does breaks at any moment, and is begun again.
"""

import asyncio
import base64
import contextlib
import itertools
import json
import os
import resource
import sys
from collections.abc import AsyncIterator, Awaitable, Callable

from mftools.bench.http_client import basic, request

# Between two pieces of something slow.
PACE_SECONDS = 1.0
# After something was refused: nobody gains by doing nothing else.
PAUSE_SECONDS = 0.05
MANY = 64
CROWD = 256
SOCKETS = 1500
LARGE = 250_000
HEAD = "{} {} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
WEBSOCKET = "/socket.io/?EIO=4&transport=websocket"

numbers = itertools.count()


class Attacker:
    """Where it goes, and where it comes from."""

    def __init__(self, host: str, port: int, source: str) -> None:
        self._host, self._port, self._source = host, port, source

    @contextlib.asynccontextmanager
    async def connection(
        self,
    ) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
        """Yield a connection of its own."""
        reader, writer = await asyncio.open_connection(
            self._host, self._port, local_addr=(self._source, 0), limit=1024
        )
        try:
            yield reader, writer
        finally:
            writer.close()

    def elsewhere(self, number: int) -> "Attacker":
        """Return one of its many machines."""
        source = f"127.66.{number // 250 % 250}.{number % 250 + 1}"
        return Attacker(self._host, self._port, source)

    async def send(self, data: bytes) -> None:
        """Send a request and take what comes."""
        async with self.connection() as (reader, writer):
            writer.write(data)
            await writer.drain()
            await reader.read(100)

    async def trickle(self, begin: bytes, piece: bytes) -> None:
        """Begin a request and send the rest of it slowly."""
        async with self.connection() as (_, writer):
            writer.write(begin)
            while True:
                await writer.drain()
                await asyncio.sleep(PACE_SECONDS)
                writer.write(piece)


async def slow_readers(attacker: Attacker) -> None:
    """Ask for much and read a kilobyte in a second."""
    async with attacker.connection() as (reader, writer):
        writer.write(request("GET", "/api/messages?limit=500"))
        while await reader.read(1024):
            await asyncio.sleep(PACE_SECONDS)


async def slow_bodies(attacker: Attacker) -> None:
    """Say that much comes, and send it slowly."""
    path = ("/api/users", "/api/messages", "/api/tokens", "/")[next(numbers) % 4]
    size = (16_000_000, LARGE)[next(numbers) % 2]
    head = HEAD.format("POST", path) + f"Content-Length: {size}\r\n\r\n"
    await attacker.trickle(head.encode() + b" " * 20_000, b" " * 100)


async def slow_heads(attacker: Attacker) -> None:
    """Never come to an end of the headers."""
    await attacker.trickle(HEAD.format("GET", "/").encode(), b"X: y\r\n")


async def sockets(attacker: Attacker) -> None:
    """Open a WebSocket and hold it."""
    key = base64.b64encode(b"0123456789abcdef").decode()
    head = HEAD.format("GET", WEBSOCKET) + "Connection: Upgrade\r\n"
    head += "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
    async with attacker.connection() as (reader, writer):
        writer.write(f"{head}Sec-WebSocket-Key: {key}\r\n\r\n".encode())
        while await reader.read(1024):
            pass


async def guesses(attacker: Attacker) -> None:
    """Try passwords."""
    password = f"guess {next(numbers)}"
    login = basic("measured-0", password)
    await attacker.send(request("POST", "/api/tokens", authorization=login))


async def many_guessers(attacker: Attacker) -> None:
    """Try passwords, each from another address."""
    number = next(numbers)
    login = basic("measured-0", f"guess {number}")
    guess = request("POST", "/api/tokens", authorization=login)
    await attacker.elsewhere(number).send(guess)


async def registrations(attacker: Attacker) -> None:
    """Register people who do not exist."""
    body = {
        "nickname": f"crowd-{next(numbers)}",
        "password": "a password, such as it is",
    }
    await attacker.send(request("POST", "/api/users", body))


async def large_bodies(attacker: Attacker) -> None:
    """Send bodies as large and as deep as are taken."""
    body = (b"[" * LARGE, json.dumps({"nickname": "x" * LARGE}).encode())
    chosen = body[next(numbers) % 2]
    path = ("/api/users", "/api/messages")[next(numbers) % 2]
    head = HEAD.format("POST", path) + f"Content-Length: {len(chosen)}\r\n\r\n"
    await attacker.send(head.encode() + chosen)


async def methods(attacker: Attacker) -> None:
    """Invent methods."""
    await attacker.send(request(f"M{next(numbers)}", "/api/messages"))


async def floods(attacker: Attacker) -> None:
    """Ask for lists as fast as they come."""
    await attacker.send(request("GET", "/api/messages?limit=500"))


# Each attack, and how many do it at the same time.
ATTACKS: dict[str, tuple[Callable[[Attacker], Awaitable[None]], int]] = {
    "slow-readers": (slow_readers, MANY),
    "slow-bodies": (slow_bodies, MANY),
    "slow-heads": (slow_heads, SOCKETS),
    "sockets": (sockets, SOCKETS),
    "guesses": (guesses, MANY),
    "many-guessers": (many_guessers, CROWD),
    "registrations": (registrations, MANY),
    "large-bodies": (large_bodies, MANY),
    "methods": (methods, MANY),
    "floods": (floods, MANY),
}


async def attack(name: str, attacker: Attacker) -> None:
    """Attack until the process ends."""
    once, count = ATTACKS[name]

    async def again_and_again() -> None:
        while True:
            with contextlib.suppress(OSError, ValueError):
                await once(attacker)
            await asyncio.sleep(PAUSE_SECONDS)

    await asyncio.gather(*(again_and_again() for _ in range(count)))


def main(arguments: list[str]) -> None:
    """Run the command line."""
    name, host, port, source = arguments
    # An attacker has a machine of its own, and takes nothing from this one.
    os.nice(10)
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    asyncio.run(attack(name, Attacker(host, int(port), source)))


if __name__ == "__main__":
    main(sys.argv[1:])
