"""What it costs to tell few people something while many others are connected."""

import asyncio
import itertools
import json
from collections.abc import Callable

from mftools.bench import http_client, usage, users
from mftools.bench.api_load import all_pids
from mftools.bench.bench import Bench, say
from mftools.bench.figures import Spread, below
from mftools.bench.http_client import Client
from mftools.bench.listener_pool import ListenerPool, Target
from mftools.bench.report import Row
from mftools.bench.users import MESSAGES, ROOMS, SOCKETS

MEMBERS = 10
# The others are connections of so many people, who are in no room with them.
CLIENTS, STRANGERS = 1000, 10
RATE = 20
GOAL = 1.3


async def few_of_many(bench: Bench, client: Client) -> None:
    """Post in a room, whose members alone are connected, and then many others, too."""
    tokens = await users.tokens(client, MEMBERS + STRANGERS)
    next_post = await _room(client, tokens[:MEMBERS])
    members = await _connect(bench, tokens[:MEMBERS], MEMBERS, next_post)
    try:
        alone = await _costs(bench, members)
        say(f"  {CLIENTS - MEMBERS} others connect")
        crowd = await _connect(bench, tokens[MEMBERS:], CLIENTS - MEMBERS, next_post)
        try:
            beside = await _costs(bench, members)
        finally:
            crowd.close()
    finally:
        members.close()
    for count, costs in ((MEMBERS, alone), (CLIENTS, beside)):
        name = (
            f"a message in a room of {MEMBERS}, {count} clients: CPU of all processes"
        )
        bench.add(Row("rooms", name, Spread.of(costs), "ms"))
    share = [one / Spread.of(alone).middle for one in beside]
    name = f"{CLIENTS} clients: of the cost with {MEMBERS}"
    bench.add(Row("rooms", name, Spread.of(share), goal=below(GOAL)))


async def _room(client: Client, tokens: list[str]) -> Callable[[], bytes]:
    """Make a room with all of these in it; return a maker of requests to post there."""
    others = [users.user_id(token) for token in tokens[1:]]
    body = {"name": "a room of few", "kind": "private", "members": others}
    bearers = [f"Bearer {token}" for token in tokens]
    made = await client.send_checked(
        http_client.request("POST", ROOMS, body, bearers[0])
    )
    numbers, authors = itertools.count(1), itertools.cycle(bearers)

    def make() -> bytes:
        said = {"source": f"*message* {next(numbers)}", "room_id": made["id"]}
        return http_client.request("POST", MESSAGES, said, next(authors))

    return make


async def _connect(
    bench: Bench, tokens: list[str], count: int, next_post: Callable[[], bytes]
) -> ListenerPool:
    """Connect so many clients, by these tokens in turn."""
    wishes = [json.dumps({"rooms": True, "token": token}).encode() for token in tokens]
    target = Target(
        "the chat",
        bench.bed.address,
        SOCKETS,
        next_post,
        all_pids(bench),
        lambda number: wishes[number % len(wishes)],
    )
    return await ListenerPool.connect(target, count)


async def _costs(bench: Bench, members: ListenerPool) -> list[float]:
    """Return what a message costs, in milliseconds of CPU, in each of some rounds.

    What all those clients cost without one is not counted.
    """
    found = []
    for _ in range(bench.rounds):
        pids = members.target.pids
        before = usage.cpu_seconds(pids)
        await asyncio.sleep(bench.seconds)
        idle = (usage.cpu_seconds(pids) - before) / bench.seconds
        result = await members.measure(RATE, bench.seconds)
        spent = result.cpu_seconds - idle * result.seconds
        found.append(1000 * spent / max(1, result.delivery.posted))
    return found
