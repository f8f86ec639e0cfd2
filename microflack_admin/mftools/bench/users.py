"""The chat's API as its clients use it: users, tokens, and messages to post."""

import asyncio
import itertools
import json
from base64 import urlsafe_b64decode
from collections.abc import Callable

from mftools.bench import http_client
from mftools.bench.http_client import Client

USERS = "/api/users"
TOKENS = "/api/tokens"
MESSAGES = "/api/messages"
ROOMS = "/api/rooms"
SOCKETS = "/socket.io"
PASSWORD = "a password to measure with"


def nickname(number: int) -> str:
    """Return the nickname of a user."""
    return f"measured-{number}"


def registration(name: str) -> bytes:
    """Return the request by which somebody signs up."""
    body = {"nickname": name, "password": PASSWORD}
    return http_client.request("POST", USERS, body)


async def register(client: Client, count: int) -> None:
    """Have at least this many users; raise PlatformError if they cannot be made."""

    async def one(number: int) -> None:
        answer = await client.send(registration(nickname(number)))
        # Who is there already is welcome, too. Anything else has a reason.
        if answer.status not in (201, 400):
            await client.send_checked(http_client.request("GET", USERS))

    await asyncio.gather(*map(one, range(count)))


def login(number: int) -> bytes:
    """Return the request by which a user signs in."""
    return http_client.request(
        "POST", TOKENS, authorization=http_client.basic(nickname(number), PASSWORD)
    )


async def tokens(client: Client, count: int) -> list[str]:
    """Sign so many users in; return their tokens."""
    await register(client, count)
    answers = [client.send_checked(login(number)) for number in range(count)]
    return [answer["token"] for answer in await asyncio.gather(*answers)]


def user_id(token: str) -> int:
    """Return whose token it is, as it says (RFC 7519); nothing is verified."""
    claims = token.split(".")[1]
    padding = "=" * (-len(claims) % 4)
    return int(json.loads(urlsafe_b64decode(claims + padding))["user_id"])


def posting(tokens: list[str], path: str = MESSAGES) -> Callable[[], bytes]:
    """Return a maker of requests that post: no two texts alike, by users in turn."""
    numbers, authors = itertools.count(1), itertools.cycle(tokens)

    def make() -> bytes:
        source = f"hello *world*! this is message {next(numbers)} of a chat"
        return http_client.request(
            "POST", path, {"source": source}, f"Bearer {next(authors)}"
        )

    return make


def text(author: int, number: int) -> str:
    """Return what an author writes; it says whose message it is, and which."""
    return f"author {author} wrote *message* {number}"


def origin(source: str) -> tuple[int, int] | None:
    """Return author and number of a message, None when it is somebody else's."""
    words = source.replace("*", "").split()
    if words[:1] != ["author"] or words[2:4] != ["wrote", "message"]:
        return None
    return int(words[1]), int(words[4])
