"""Send requests at a pace, however soon they are answered, and remember all answers."""

import asyncio
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from mftools.bench.figures import quantile
from mftools.bench.http_client import Client


@dataclass(frozen=True)
class Paced:
    """An answer: when its request was due (time.monotonic), and how long it took.

    A request that had to wait for a connection was due before it was sent.
    """

    due: float
    seconds: float
    is_success: bool


async def send(
    client: Client,
    next_request: Callable[[], bytes],
    rate: float,
    is_over: Callable[[], bool],
) -> list[Paced]:
    """Send so many requests a second until it is over; wait for the last answers."""
    due, sending = time.monotonic(), []
    while not is_over():
        sending.append(asyncio.create_task(_one(client, next_request(), due)))
        due += 1 / rate
        await asyncio.sleep(max(due - time.monotonic(), 0))
    return list(await asyncio.gather(*sending))


async def _one(client: Client, request: bytes, due: float) -> Paced:
    answer = await client.send(request)
    return Paced(due, time.monotonic() - due, answer.is_success)


def worst_p95(answers: Iterable[Paced], begin: float, window_seconds: float) -> float:
    """Return the highest p95 of all windows that begin then or later, in seconds."""
    windows: dict[int, list[float]] = {}
    for one in answers:
        if one.due >= begin:
            number = int((one.due - begin) / window_seconds)
            windows.setdefault(number, []).append(one.seconds)
    return max((quantile(found, 0.95) for found in windows.values()), default=0.0)
