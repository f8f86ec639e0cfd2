"""The part "rooms": what many of them, and many people outside of one, cost."""

import asyncio

from mftools.bench import (
    baseline,
    before_rooms,
    few_of_many,
    http_client,
    interleave,
    users,
)
from mftools.bench.api_load import bare_hello, service_pids
from mftools.bench.bench import Bench, say
from mftools.bench.figures import at_least
from mftools.bench.http_client import Answer, Client
from mftools.bench.interleave import Subject
from mftools.bench.users import MESSAGES, ROOMS

COUNT = 200


def rooms(bench: Bench) -> None:
    """Compare a list of rooms with a server that only says hello; tell few of many."""
    with baseline.serving(bench.bed, baseline.HELLO) as servers:
        asyncio.run(_rooms(bench, servers[baseline.HELLO.name]))


async def _rooms(bench: Bench, server: baseline.Server) -> None:
    client = Client(bench.bed.address)
    say(f"  making {COUNT} rooms, and saying something in each")
    (token,) = await users.tokens(client, 1)
    for number in range(COUNT):
        await _fill(client, number, f"Bearer {token}")
    ours = [
        await _listing(bench, client, f"Bearer {token}", is_kept=is_kept)
        for is_kept in (False, True)
    ]
    hello = bare_hello(server)
    samples = await interleave.measure_in_turns(
        bench.bed.address, [*ours, hello], bench.rounds, bench.seconds
    )
    for one in (*ours, hello):
        bench.add(interleave.rate_row("rooms", one.name, samples[one.name]))
    for one in ours:
        goal = at_least(0.4)
        bench.add(interleave.ratio_row("rooms", samples, one.name, hello.name, goal))
    await few_of_many.few_of_many(bench, client)
    await before_rooms.before_rooms(bench, client)
    client.close()


async def _fill(client: Client, number: int, authorization: str) -> None:
    """Make a room, every other one public, and say something in it."""
    room = {"name": f"room {number}", "kind": "public" if number % 2 else "private"}
    made = await client.send_checked(
        http_client.request("POST", ROOMS, room, authorization)
    )
    said = {"source": f"hello in room {number}", "room_id": made["id"]}
    await client.send_checked(
        http_client.request("POST", MESSAGES, said, authorization)
    )


async def _listing(
    bench: Bench, client: Client, authorization: str, *, is_kept: bool
) -> Subject:
    """Return the list as something to measure; with ``is_kept``, one that one has."""
    name, tag = f"GET {ROOMS}, {COUNT} of them", ""

    def remember(answer: Answer) -> None:
        # Its owner is offline after a minute: people are counted in the list.
        nonlocal tag
        tag = answer.tag if is_kept else ""

    def make() -> bytes:
        return http_client.request("GET", ROOMS, None, authorization, tag=tag)

    if is_kept:
        name = f"{name}, 304"
        remember(await client.send(make()))
    return Subject(name, make, service_pids(bench, MESSAGES), remember)
