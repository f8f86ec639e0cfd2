"""Authors who write one message after the other, each until it is acknowledged."""

import asyncio
import time

from mftools.bench import http_client, users
from mftools.bench.http_client import Address, Client
from mftools.bench.order_check import Acknowledged
from mftools.bench.users import MESSAGES

RETRY_SECONDS = 0.05


class Author:
    """One author; ``acknowledged`` is what the chat has said that it keeps.

    :param timeout_seconds: how long an answer is waited for.
    """

    def __init__(
        self,
        address: Address,
        number: int,
        token: str,
        timeout_seconds: float = http_client.TIMEOUT_SECONDS,
    ) -> None:
        self._client = Client(address, connections=1, timeout_seconds=timeout_seconds)
        self._author = number
        self._token = token
        self.acknowledged: list[Acknowledged] = []
        # How often a message had to be sent again.
        self.retries = 0

    async def write(self, number: int) -> None:
        """Post a message of one's own, under one key, until it is acknowledged."""
        source = users.text(self._author, number)
        message = http_client.request(
            "POST", MESSAGES, {"source": source}, f"Bearer {self._token}", key=source
        )
        begun = time.perf_counter()
        while not (answer := await self._client.send(message)).is_success:
            self.retries += 1
            await asyncio.sleep(RETRY_SECONDS)
        model, ended = answer.document(), time.perf_counter()
        self.acknowledged.append(
            Acknowledged(begun, ended, model["change"], model["id"])
        )

    def close(self) -> None:
        """End the connection."""
        self._client.close()
