"""The parts "posts", "lists" and "logins": requests as fast as they are answered."""

import asyncio
import itertools
from collections.abc import Callable
from typing import Any

from mftools.bench import baseline, http_client, interleave, users
from mftools.bench.bench import Bench, say
from mftools.bench.figures import at_least
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
        POST, users.posting(tokens), service_pids(bench, MESSAGES), on_answer
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
        interleave.ratio_row("posts", samples, POST, insert.name, at_least(0.6)),
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
    client.close()
    ours = [
        Subject(
            f"GET {path}, {LIST_SIZE} of them", getting(path), service_pids(bench, path)
        )
        for path in (MESSAGES, USERS)
    ]
    hello, sync = (
        bare_hello(servers[one.name]) for one in (baseline.HELLO, baseline.HELLO_SYNC)
    )
    samples = await interleave.measure_in_turns(
        bench.bed.address, [ours[0], hello, ours[1], sync], bench.rounds, bench.seconds
    )
    for one in (*ours, hello, sync):
        bench.add(interleave.rate_row("lists", one.name, samples[one.name]))
    for one in ours:
        bench.add(
            interleave.ratio_row("lists", samples, one.name, hello.name, at_least(0.4)),
            interleave.ratio_row("lists", samples, one.name, sync.name),
        )


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
