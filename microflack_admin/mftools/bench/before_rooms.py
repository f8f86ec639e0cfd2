"""The same in a large room as in the only one that there was, before there were rooms.

The last releases without rooms run beside those of this checkout, on the same database,
and the two take turns. They are asked at their own addresses, past the load balancer,
which would ask either. So all that is about rooms is done before they are there.
"""

import asyncio
import itertools
import json
from collections.abc import Callable
from dataclasses import dataclass

from mfplatform.state.home import PlatformError
from mftools.bench import http_client, interleave, users
from mftools.bench.api_load import getting
from mftools.bench.bench import Bench, say
from mftools.bench.figures import Spread, at_least, below
from mftools.bench.http_client import Address, Client
from mftools.bench.interleave import Subject
from mftools.bench.listener_pool import ListenerPool, Target
from mftools.bench.report import Row
from mftools.bench.users import MESSAGES, ROOMS, SOCKETS

# The last ones that know one room only.
BEFORE = {"messages": "10", "socketio": "5"}
PEOPLE, AUTHORS = 300, 8
# Messages a second.
RATE = 10
GOAL = 0.95


@dataclass(frozen=True)
class _Side:
    """Releases that are measured: what they are called, their addresses, processes."""

    name: str
    messages: Address
    socketio: Address
    pids: list[int]
    post: Callable[[], bytes]
    listing: Callable[[], bytes]
    wishes: Callable[[int], bytes]


async def before_rooms(bench: Bench, client: Client) -> None:
    """Compare posts, lists and events of both, in a room of many."""
    try:
        for service, release in BEFORE.items():
            await _mf(bench, "mfbuild", f"{service}@{release}")
    except PlatformError as error:
        bench.report.skipped["rooms: before rooms"] = str(error)
        return
    say(f"  {PEOPLE} people come into a room")
    tokens = await users.tokens(client, PEOPLE)
    now = _now(bench, tokens, await _room(client, tokens))
    pools = [await _listen(now)]
    try:
        for service, release in BEFORE.items():
            say(f"  {service} {release}")
            await _mf(bench, "mfrun", service, release)
        sides = [now, _before(bench, tokens)]
        pools.append(await _listen(sides[1]))
        await _requests(bench, sides)
        await _events(bench, sides, pools)
    finally:
        for pool in pools:
            pool.close()
        for service, release in BEFORE.items():
            for one in bench.bed.instances(service):
                if one["version"] == release:
                    await _mf(bench, "mfkill", one["instance"])


async def _mf(bench: Bench, *arguments: str) -> None:
    """Call a command; meanwhile clients answer pings."""
    await asyncio.to_thread(bench.bed.mf, *arguments)


def _now(bench: Bench, tokens: list[str], room_id: int) -> _Side:
    """Return the releases of this checkout, with this room."""
    wishes = [json.dumps({"rooms": True, "token": one}).encode() for one in tokens]
    path, bearer = f"{MESSAGES}?room={room_id}", f"Bearer {tokens[0]}"
    listing = http_client.request("GET", path, authorization=bearer)
    return _Side(
        f"a room of {PEOPLE}",
        *_where(bench, is_before=False),
        _posting(tokens[:AUTHORS], room_id),
        lambda: listing,
        lambda number: wishes[number],
    )


def _before(bench: Bench, tokens: list[str]) -> _Side:
    """Return the releases without rooms."""
    return _Side(
        "before rooms",
        *_where(bench, is_before=True),
        _posting(tokens[:AUTHORS], None),
        getting(MESSAGES),
        lambda number: b"",
    )


async def _listen(side: _Side) -> ListenerPool:
    target = Target(
        side.name,
        side.socketio,
        SOCKETS,
        side.post,
        side.pids,
        side.wishes,
        side.messages,
    )
    return await ListenerPool.connect(target, PEOPLE)


async def _room(client: Client, tokens: list[str]) -> int:
    others = [users.user_id(token) for token in tokens[1:]]
    body = {"name": "a room of many", "kind": "public", "members": others}
    made = await client.send_checked(
        http_client.request("POST", ROOMS, body, f"Bearer {tokens[0]}")
    )
    return int(made["id"])


def _where(bench: Bench, *, is_before: bool) -> tuple[Address, Address, list[int]]:
    """Return where the releases of one side are, and their processes."""
    found, pids = [], []
    for service, release in BEFORE.items():
        one = next(
            one
            for one in bench.bed.instances(service)
            if (one["version"] == release) == is_before
        )
        host, _, port = one["address"].partition(":")
        found.append(Address(host, int(port)))
        pids.append(one["pid"])
    return found[0], found[1], pids


def _posting(tokens: list[str], room_id: int | None) -> Callable[[], bytes]:
    numbers, authors = itertools.count(1), itertools.cycle(tokens)
    place = {"room_id": room_id} if room_id else {}

    def make() -> bytes:
        said = {"source": f"hello, *message* {next(numbers)} of a chat"} | place
        return http_client.request("POST", MESSAGES, said, f"Bearer {next(authors)}")

    return make


async def _requests(bench: Bench, sides: list[_Side]) -> None:
    for what, maker in (("POST", "post"), ("100 messages", "listing")):
        subjects = [
            Subject(
                f"{what}, {side.name}",
                getattr(side, maker),
                side.pids[:1],
                address=side.messages,
            )
            for side in sides
        ]
        samples = await interleave.measure_in_turns(
            bench.bed.address, subjects, bench.rounds, bench.seconds
        )
        for one in subjects:
            bench.add(interleave.rate_row("rooms", one.name, samples[one.name]))
        now, before = (one.name for one in subjects)
        goal = at_least(GOAL)
        bench.add(interleave.ratio_row("rooms", samples, now, before, goal))


async def _events(bench: Bench, sides: list[_Side], pools: list[ListenerPool]) -> None:
    """Post while all people listen, on one side after the other."""
    costs: list[list[float]] = [[], []]
    for _ in range(bench.rounds):
        for pool, found in zip(pools, costs, strict=True):
            result = await pool.measure(RATE, bench.seconds)
            found.append(result.cpu_ms)
    for one, found in zip(sides, costs, strict=True):
        name = f"a message to {PEOPLE} clients, {one.name}: CPU of both services"
        bench.add(Row("rooms", name, Spread.of(found), "ms"))
    share = [now / before for now, before in zip(*costs, strict=True)]
    name = f"a message to {PEOPLE} clients: of the cost before rooms"
    bench.add(Row("rooms", name, Spread.of(share), goal=below(1 / GOAL)))
