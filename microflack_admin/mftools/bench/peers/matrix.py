"""A client of Matrix servers, with the least that a room needs."""

import asyncio
import itertools
from typing import Any
from urllib.parse import quote

from mftools.bench import http_client
from mftools.bench.http_client import Address, Client
from mftools.bench.peers.base import NEWEST, OnText

API = "/_matrix/client/v3"
ALIAS = "#bench:localhost"
PASSWORD = "a password to measure with"
# Whoever listens asks again and again; the server answers when there is something.
SYNC_TIMEOUT_MS = 20_000
FILTER = quote(
    '{"presence":{"types":[]},"account_data":{"types":[]},"room":'
    '{"timeline":{"limit":200,"types":["m.room.message"]},"state":{"types":[]},'
    '"ephemeral":{"types":[]},"account_data":{"types":[]}}}'
)


class MatrixSession:
    """Somebody in the room."""

    def __init__(self, address: Address, number: int) -> None:
        self._number = number
        self._client = Client(address, connections=1)
        # A request that waits for news keeps a connection.
        self._waiting = Client(address, connections=1)
        self._bearer = ""
        self._room = ""
        self._transactions = itertools.count(1)
        self._listening: asyncio.Task[None] | None = None

    @classmethod
    async def open(cls, address: Address, number: int) -> "MatrixSession":
        """Register and join the room; the first one makes it."""
        session = cls(address, number)
        registration = {
            "username": f"bench-{number}",
            "password": PASSWORD,
            "auth": {"type": "m.login.dummy"},
        }
        answer = await session._ask("POST", "/register", registration)
        session._bearer = f"Bearer {answer['access_token']}"
        if number == 0:
            room = {"preset": "public_chat", "room_alias_name": "bench"}
            answer = await session._ask("POST", "/createRoom", room)
        else:
            answer = await session._ask("POST", f"/join/{quote(ALIAS)}", {})
        session._room = f"/rooms/{quote(answer['room_id'])}"
        return session

    async def post(self, text: str) -> None:
        """Post a text."""
        body = {"msgtype": "m.text", "body": text}
        path = f"{self._room}/send/m.room.message/{next(self._transactions)}"
        await self._ask("PUT", path, body)

    async def newest(self) -> int:
        """Ask for the newest messages."""
        answer = await self._ask("GET", f"{self._room}/messages?dir=b&limit={NEWEST}")
        return len(answer["chunk"])

    async def listen(self, on_text: OnText) -> None:
        """Hand everything that is posted to ``on_text``."""
        since = await self._sync("&timeout=0")
        self._listening = asyncio.create_task(
            self._listen(on_text, since["next_batch"])
        )

    async def close(self) -> None:
        """Disconnect."""
        if self._listening is not None:
            self._listening.cancel()
        self._client.close()
        self._waiting.close()

    async def _listen(self, on_text: OnText, since: str) -> None:
        while True:
            news = await self._sync(f"&timeout={SYNC_TIMEOUT_MS}&since={since}")
            since = news["next_batch"]
            for room in news.get("rooms", {}).get("join", {}).values():
                for event in room.get("timeline", {}).get("events", ()):
                    on_text(self._number, event["content"]["body"])

    async def _sync(self, query: str) -> Any:
        path = f"{API}/sync?filter={FILTER}{query}"
        message = http_client.request("GET", path, authorization=self._bearer)
        return await self._waiting.send_checked(message)

    async def _ask(self, method: str, path: str, body: object = None) -> Any:
        message = http_client.request(method, API + path, body, self._bearer)
        return await self._client.send_checked(message)
