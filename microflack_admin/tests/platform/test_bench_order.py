"""What mfbench makes of the order of messages, without a server."""

import asyncio
import json
from collections.abc import Sequence

import pytest

from mftools.bench.http_client import Address
from mftools.bench.numbered import NumberedReader
from mftools.bench.order_check import Acknowledged, contradictions, examine
from mftools.bench.received_messages import Model

# When each was begun and acknowledged; the numbers are 1, 2, 3.
ORDERS = {
    "one after the other": ([(0, 1), (2, 3), (4, 5)], 0),
    "at the same time": ([(2, 5), (1, 6), (0, 4)], 0),
    "begun when a later number was acknowledged": ([(3, 4), (0, 2), (5, 6)], 1),
    "the last one first": ([(4, 5), (2, 3), (0, 1)], 2),
}


@pytest.mark.parametrize(("times", "wrong"), ORDERS.values(), ids=ORDERS)
def test_numbers_that_contradict_acknowledgements(
    times: list[tuple[float, float]], wrong: int
) -> None:
    found = [Acknowledged(*pair, n, n) for n, pair in enumerate(times, 1)]
    assert contradictions(found) == wrong
    assert contradictions(reversed(found)) == wrong


def message(number: int, message_id: int | None = None) -> Model:
    return {"id": message_id or number + 100, "change": number}


READERS = {
    "all": ([1, 2, 3], (3, 0, 0, 0)),
    "one is missing": ([1, 3], (2, 1, 0, 0)),
    "one came twice": ([1, 2, 2, 3], (3, 0, 1, 0)),
    "two changed places": ([1, 3, 2], (3, 0, 0, 1)),
    "what nobody waited for": ([1, 2, 3, 4], (3, 0, 0, 0)),
}


@pytest.mark.parametrize(("numbers", "wanted"), READERS.values(), ids=READERS)
def test_what_a_reader_took(
    numbers: list[int], wanted: tuple[int, int, int, int]
) -> None:
    due = [Acknowledged(n, n + 0.5, n, n + 100) for n in (1, 2, 3)]
    found = examine(due, [[message(number) for number in numbers]])
    kinds = (found.delivered, found.lost, found.doubled, found.out_of_order)
    assert kinds == wanted
    # Of another number than the one that was acknowledged it is another message.
    assert examine(due, [[message(1), message(2), message(4, 103)]]).lost == 1


def event(number: int, kind: str = "Message") -> bytes:
    data = {"class": kind, "model": message(number)}
    return f'42["updated_model",{json.dumps(data)}]'.encode()


class Server:
    """Answers what came after a number, and remembers what it was asked."""

    def __init__(self, last: int) -> None:
        self.last = last
        self.asked: list[str] = []

    async def __call__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        while head := await reader.readuntil(b"\r\n\r\n"):
            self.asked.append(head.split()[1].decode())
            after = int(self.asked[-1].partition("after=")[2].partition("&")[0])
            found = [message(n) for n in range(after + 1, self.last + 1)]
            body = json.dumps({"messages": found}).encode()
            lines = "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: "
            writer.write(f"{lines}{len(body)}\r\n\r\n".encode() + body)
            writer.close()
            await writer.wait_closed()
            return


async def read(numbers: Sequence[int], last: int) -> tuple[list[int], list[str]]:
    """Let a reader hear of these; return what it took, and what it asked."""
    answers = Server(last)
    server = await asyncio.start_server(answers, "127.0.0.1", 0)
    address = Address(*server.sockets[0].getsockname())
    reader = NumberedReader(address, after=0, gap_seconds=0.01)
    reader.hear(event(9, "User"))
    for number in numbers:
        reader.hear(event(number))
    await reader.end(last, patience_seconds=30)
    server.close()
    await server.wait_closed()
    return [one["change"] for one in reader.taken], answers.asked


def test_a_reader_asks_only_for_what_is_missing() -> None:
    assert asyncio.run(read([1, 3, 2], 3)) == ([1, 2, 3], [])
    asked = ["/api/messages?after=1&limit=500"]
    assert asyncio.run(read([1, 4], 5)) == ([1, 2, 3, 4, 5], asked)
