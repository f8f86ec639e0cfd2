"""Users and messages to measure with, made as anybody makes them."""

import asyncio
import itertools
from collections.abc import Callable

from mftools.bench import http_client
from mftools.bench.http_client import Client

USERS = "/api/users"
TOKENS = "/api/tokens"
MESSAGES = "/api/messages"
PASSWORD = "a password to measure with"


def nickname(number: int) -> str:
    """Return the nickname of a user."""
    return f"measured-{number}"


def registration(name: str) -> bytes:
    """Return the request by which somebody signs up."""
    body = {"nickname": name, "password": PASSWORD}
    return http_client.request("POST", USERS, body)


async def register(client: Client, count: int) -> None:
    """Have at least this many users."""

    async def one(number: int) -> None:
        answer = await client.send(registration(nickname(number)))
        # Who is there already is welcome, too.
        if answer.status not in (201, 400):
            await client.need(http_client.request("GET", USERS))

    await asyncio.gather(*map(one, range(count)))


def login(number: int) -> bytes:
    """Return the request by which a user signs in."""
    return http_client.request(
        "POST", TOKENS, authorization=http_client.basic(nickname(number), PASSWORD)
    )


async def tokens(client: Client, count: int) -> list[str]:
    """Sign some users in."""
    await register(client, count)
    answers = [client.need(login(number)) for number in range(count)]
    return [answer["token"] for answer in await asyncio.gather(*answers)]


def posting(tokens: list[str], path: str = MESSAGES) -> Callable[[], bytes]:
    """Return a maker of messages, no two the same, by one user after the other."""
    numbers, authors = itertools.count(1), itertools.cycle(tokens)

    def make() -> bytes:
        source = f"hello *world*! this is message {next(numbers)} of a chat"
        return http_client.request(
            "POST", path, {"source": source}, f"Bearer {next(authors)}"
        )

    return make
