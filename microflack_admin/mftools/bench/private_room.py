"""A private room with people who write there and send files, beside all other load."""

import asyncio
from typing import Any

from mftools.bench import http_client, users
from mftools.bench.http_client import Address, Answer, Client
from mftools.bench.received_messages import ReceivedMessages
from mftools.bench.users import MESSAGES, ROOMS

NAME = "A room to measure with"
MEMBERS = 3
# Each file is another one, and needs several rows of a database.
FILE_BYTES = 300_000


class PrivateRoom:
    """A room, what was acknowledged there, and what each file must have in it.

    :param tokens: the first ``MEMBERS`` are of those who are in it, the owner's before
        others'. Whoever signs them in again puts the new ones here.
    :param timeout_seconds: how long an answer is waited for.
    """

    def __init__(
        self,
        address: Address,
        room_id: int,
        tokens: list[str],
        timeout_seconds: float = http_client.TIMEOUT_SECONDS,
    ) -> None:
        self._client = Client(address, timeout_seconds=timeout_seconds)
        self.id = room_id
        self.tokens = tokens
        # The texts by the ids of their messages, and the files by their paths.
        self.acknowledged: dict[int, str] = {}
        self.files: dict[str, bytes] = {}

    @classmethod
    async def open(
        cls,
        address: Address,
        tokens: list[str],
        timeout_seconds: float = http_client.TIMEOUT_SECONDS,
    ) -> "PrivateRoom":
        """Have somebody make a room with the others in it.

        :raises PlatformError: it cannot be made.
        """
        others = [users.user_id(token) for token in tokens[1:MEMBERS]]
        room = {"name": NAME, "kind": "private", "members": others}
        client = Client(address, timeout_seconds=timeout_seconds)
        made = await client.send_checked(
            http_client.request("POST", ROOMS, room, f"Bearer {tokens[0]}")
        )
        client.close()
        return cls(address, made["id"], tokens, timeout_seconds)

    @property
    def bearer(self) -> str:
        """What its owner sends as Authorization."""
        return f"Bearer {self.tokens[0]}"

    def upload(self, author: int, number: int) -> tuple[bytes, bytes]:
        """Return a file, and the request that brings it here."""
        content = f"{author} {number}\n".encode()
        content = (content * (FILE_BYTES // len(content) + 1))[:FILE_BYTES]
        path, bearer = f"{ROOMS}/{self.id}/files", f"Bearer {self.tokens[author]}"
        return content, http_client.upload(path, f"{number}.txt", content, bearer)

    def message(self, author: int, number: int, files: list[int]) -> bytes:
        """Return the request by which somebody writes here."""
        model = {"source": users.text(author, number), "room_id": self.id}
        model |= {"files": files} if files else {}
        bearer = f"Bearer {self.tokens[author]}"
        return http_client.request("POST", MESSAGES, model, bearer)

    def acknowledge(self, answer: Answer, content: bytes) -> None:
        """Remember a message that was answered with success, and its file."""
        model = answer.document()
        self.acknowledged[int(model["id"])] = model["source"]
        for file in model.get("files", ()):
            self.files[file["url"]] = content

    async def stored(self) -> ReceivedMessages:
        """Return all messages of the room.

        :raises PlatformError: they are not answered.
        """
        stored, path = ReceivedMessages(), f"{MESSAGES}?room={self.id}&after=0"
        while path:
            page = await self._get(path)
            for model in page["messages"]:
                stored.merge(model)
            path = page.get("_links", {}).get("next")
        return stored

    async def damaged(self) -> list[str]:
        """Return the paths of files that are not there as they were sent."""
        paths = list(self.files)
        answers = await asyncio.gather(*map(self._ask, paths))
        return [
            path
            for path, answer in zip(paths, answers, strict=True)
            if not answer.is_success or answer.body != self.files[path]
        ]

    def close(self) -> None:
        """End its connections."""
        self._client.close()

    async def _get(self, path: str) -> Any:
        request = http_client.request("GET", path, authorization=self.bearer)
        return await self._client.send_checked(request)

    async def _ask(self, path: str) -> Answer:
        request = http_client.request("GET", path, authorization=self.bearer)
        return await self._client.send(request)
