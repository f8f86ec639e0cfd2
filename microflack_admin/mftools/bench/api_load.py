"""The parts "posts", "lists" and "logins": requests as fast as they are answered."""

import asyncio
import itertools
from collections.abc import Callable
from typing import Any

from mftools.bench import baseline, http_client, interleave, users
from mftools.bench.bench import Bench, say
from mftools.bench.figures import at_least, below
from mftools.bench.http_client import Answer, Client
from mftools.bench.interleave import Subject
from mftools.bench.load import Load, measure
from mftools.bench.report import Row, single
from mftools.bench.users import MESSAGES, TOKENS, USERS

AUTHORS = 8
LIST_SIZE = 100
POST = f"POST {MESSAGES}"


def posts(bench: Bench) -> None:
    """Compare POST with a bare INSERT; is everything that was acknowledged stored?"""
    with baseline.serving(bench.bed, baseline.INSERT) as servers:
        asyncio.run(_posts(bench, servers[baseline.INSERT.name]))


async def _posts(bench: Bench, server: baseline.Server) -> None:
    client = Client(bench.bed.address)
    tokens = await users.tokens(client, AUTHORS)
    acknowledged: dict[int, str] = {}

    def on_answer(answer: Answer) -> None:
        if answer.is_success:
            message = answer.document()
            acknowledged[message["id"]] = message["source"]

    ours = Subject(
        POST,
        users.posting(tokens),
        service_pids(bench, MESSAGES),
        on_answer,
        all_pids(bench),
    )
    insert = Subject(
        "a bare INSERT", users.posting(tokens, server.kind.location), server.pids
    )
    samples = await interleave.measure_in_turns(
        bench.bed.address, [ours, insert], bench.rounds, bench.seconds
    )
    stored = await read_back(client, max(acknowledged, default=0))
    client.close()
    for one in (ours, insert):
        bench.add(interleave.rate_row("posts", one.name, samples[one.name]))
    bench.add(
        interleave.ratio_row("posts", samples, POST, insert.name, at_least(0.65)),
        interleave.cost_row("posts", POST, samples[POST], below(1.9)),
        _stored_row(acknowledged, stored),
    )


async def read_back(client: Client, last_id: int) -> list[dict[str, Any]]:
    """Return all messages that are stored up to this id, page by page."""
    found: list[dict[str, Any]] = []
    path: str | None = f"{MESSAGES}?before_id={last_id + 1}&limit=500"
    while path:
        page = await client.send_checked(http_client.request("GET", path))
        found = page["messages"] + found
        path = page.get("_links", {}).get("next")
    return found


def _stored_row(acknowledged: dict[int, str], stored: list[dict[str, Any]]) -> Row:
    found = [(one["id"], one["source"]) for one in stored]
    right = sum(acknowledged.get(number) == source for number, source in set(found))
    doubled = len(found) - len({number for number, _ in found})
    return Row(
        "posts",
        "answered messages that are stored as they were sent",
        single(100 * right / len(acknowledged) if acknowledged else 0.0),
        "%",
        at_least(100),
        f"{right} of {len(acknowledged)}, {doubled} doubled",
        {"answered": len(acknowledged), "stored": right, "doubled": doubled},
    )


def lists(bench: Bench) -> None:
    """Compare lists with a server that only says hello."""
    with baseline.serving(bench.bed, baseline.HELLO, baseline.HELLO_SYNC) as servers:
        asyncio.run(_lists(bench, servers))


async def _lists(bench: Bench, servers: dict[str, baseline.Server]) -> None:
    client = Client(bench.bed.address)
    say(f"  writing {LIST_SIZE} messages and users")
    tokens = await users.tokens(client, LIST_SIZE)
    make = users.posting(tokens)
    await asyncio.gather(*(client.send_checked(make()) for _ in range(LIST_SIZE)))
    ours = [await _listing(bench, client, path) for path in (MESSAGES, USERS)]
    kept = [
        await _listing(bench, client, path, is_kept=True) for path in (MESSAGES, USERS)
    ]
    client.close()
    hello, sync = (
        bare_hello(servers[one.name]) for one in (baseline.HELLO, baseline.HELLO_SYNC)
    )
    in_turns = [ours[0], kept[0], hello, ours[1], kept[1], sync]
    samples = await interleave.measure_in_turns(
        bench.bed.address, in_turns, bench.rounds, bench.seconds
    )
    for one in (*ours, *kept, hello, sync):
        bench.add(interleave.rate_row("lists", one.name, samples[one.name]))
    goals = [(one, 0.5) for one in ours] + [(one, 0.8) for one in kept]
    for one, goal in goals:
        share = at_least(goal)
        bench.add(
            interleave.ratio_row("lists", samples, one.name, hello.name, share),
            interleave.ratio_row("lists", samples, one.name, sync.name),
        )


async def _listing(
    bench: Bench, client: Client, path: str, *, is_kept: bool = False
) -> Subject:
    """Return a list as something to measure; with ``is_kept``, one that one has."""
    name, tag = f"GET {path}, {LIST_SIZE} of them", ""

    def remember(answer: Answer) -> None:
        # People who have signed in are offline after a minute: that is another list.
        nonlocal tag
        tag = answer.tag if is_kept else ""

    def make() -> bytes:
        return http_client.request("GET", path, tag=tag)

    if is_kept:
        name = f"{name}, 304"
        remember(await client.send(make()))
    return Subject(name, make, service_pids(bench, path), remember)


def bare_hello(server: baseline.Server) -> Subject:
    """Return a bare hello as something to measure."""
    worker = "sync" if server.kind is baseline.HELLO_SYNC else "gthread"
    name = f"a bare hello ({worker})"
    return Subject(name, getting(server.kind.location), server.pids)


def getting(path: str) -> Callable[[], bytes]:
    """Return a maker of the same GET request, again and again."""
    message = http_client.request("GET", path)
    return lambda: message


def service_pids(bench: Bench, location: str) -> list[int]:
    """Return the processes of the service that answers at a location."""
    name = bench.bed.service_at(location)
    return bench.bed.pids().get(name or "", [])


def all_pids(bench: Bench) -> list[int]:
    """Return the processes of all services and of all parts of the platform."""
    return [pid for own in bench.bed.pids().values() for pid in own]


def logins(bench: Bench) -> None:
    """Sign users in, each of them in turn."""
    asyncio.run(_logins(bench))


async def _logins(bench: Bench) -> None:
    client = Client(bench.bed.address)
    await users.register(client, LIST_SIZE)
    client.close()
    numbers = itertools.cycle(range(LIST_SIZE))
    pids = [*service_pids(bench, TOKENS), *service_pids(bench, USERS)]
    samples = [
        await measure(
            Load(bench.bed.address, lambda: users.login(next(numbers))),
            bench.seconds,
            {"server": pids},
        )
        for _ in range(bench.rounds)
    ]
    row = interleave.rate_row("logins", f"POST {TOKENS}", samples)
    bench.add(Row(**(vars(row) | {"goal": at_least(50)})))
