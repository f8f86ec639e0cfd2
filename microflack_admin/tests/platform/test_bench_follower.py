"""A client of mfbench that follows the protocol, and what it may not hear at once."""

import asyncio
import json
import re
from contextlib import suppress
from typing import Any

from test_bench_clients import server_frame

from mftools.bench.follower import Follower
from mftools.bench.http_client import Address


class Chat:
    """A chat that answers with its messages, and has one listener."""

    def __init__(self) -> None:
        self.messages: list[dict[str, Any]] = []
        self.listener: asyncio.StreamWriter | None = None
        self.clients = 0

    def store(self, number: int) -> dict[str, Any]:
        """Store a message; tell nobody."""
        message = {"id": number, "change": number, "updated_at": 0, "source": "x"}
        self.messages.append(message)
        return message

    def tell(self, packet: bytes) -> None:
        """Send the listener a packet."""
        assert self.listener is not None
        self.listener.write(server_frame(packet))

    async def serve(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        """Answer one client, until it has gone."""
        self.clients += 1
        with suppress(asyncio.IncompleteReadError, OSError):
            while head := await reader.readuntil(b"\r\n\r\n"):
                if b"websocket" in head:
                    self.listener = writer
                    writer.write(b"HTTP/1.1 101 Switching Protocols\r\n\r\n")
                    self.tell(b"0{}")
                    self.tell(b"40{}")
                else:
                    writer.write(self.answer(head))
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()
        self.clients -= 1

    def answer(self, head: bytes) -> bytes:
        """Return the answer to a request for changes."""
        after = int((re.findall(rb"after=(\d+)", head) or [0])[0])
        found = [one for one in self.messages if one["change"] > after]
        body = json.dumps({"messages": found, "change": len(self.messages)}).encode()
        return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body


async def _told_to_catch_up() -> list[int]:
    chat = Chat()
    server = await asyncio.start_server(chat.serve, "127.0.0.1", 0)
    follower = Follower(Address(*server.sockets[0].getsockname()), "/socket.io", 0)
    chat.store(1)
    await follower.start()
    chat.store(2)
    chat.tell(b'42["catch_up"]')
    told = {"class": "Message", "model": chat.store(3)}
    chat.tell(b"42" + json.dumps(["updated_model", told]).encode())
    async with asyncio.timeout(60):
        while 3 not in follower.received.messages:
            await asyncio.sleep(0.01)
        follower.leave()
        while chat.clients:
            await asyncio.sleep(0.01)
    server.close()
    return list(follower.received.messages)


def test_who_is_told_to_catch_up_does_so_before_going_on() -> None:
    assert asyncio.run(_told_to_catch_up()) == [1, 2, 3]
