"""The part "events": from a POST to the last of many clients that listen."""

import asyncio

from mftools.bench import baseline, users
from mftools.bench.api_load import AUTHORS, all_pids
from mftools.bench.bench import Bench, say
from mftools.bench.figures import at_least, below, formatted
from mftools.bench.http_client import Client
from mftools.bench.listener_pool import ListenerPool, RateResult, Target
from mftools.bench.report import Row, single
from mftools.bench.users import MESSAGES, SOCKETS, TOKENS, USERS

# Messages a second: of a quiet chat, and those that are tried to find the most.
QUIET_RATE = 5
RATES = (10, 20, 35, 50, 70, 100, 140, 200)
GOAL_RATE = 200
GOAL_P99_MS, GOAL_CPU_MS = 35.0, 20.0
TRIES = 2


def events(bench: Bench) -> None:
    """Post while clients listen: to the chat, and to a bare Socket.IO server."""
    with baseline.serving(bench.bed, baseline.BROADCAST) as servers:
        asyncio.run(_events(bench, servers[baseline.BROADCAST.name]))


async def _events(bench: Bench, server: baseline.Server) -> None:
    ours = await _chat(bench)
    for target in (ours, _bare(bench, server)):
        if target is None:
            bench.report.skipped["events"] = f"nothing serves {SOCKETS} here"
            continue
        say(f"  {bench.clients} clients listen to {target.name}")
        pool = await ListenerPool.connect(target, bench.clients)
        try:
            quiet = await pool.measure(QUIET_RATE, bench.seconds * 4)
            bench.add(*_quiet_rows(bench, quiet, target.name, target is ours))
            bench.add(await _most(bench, pool, target is ours))
        finally:
            pool.close()


async def _chat(bench: Bench) -> Target | None:
    """Return the chat as a target; None when a service that it takes is not here."""
    services = [
        bench.bed.service_at(path) for path in (SOCKETS, MESSAGES, USERS, TOKENS)
    ]
    if services[0] is None or None in services:
        return None
    client = Client(bench.bed.address)
    tokens = await users.tokens(client, AUTHORS)
    client.close()
    name, next_post = f"POST {MESSAGES}", users.posting(tokens)
    return Target(name, bench.bed.address, SOCKETS, next_post, all_pids(bench))


def _bare(bench: Bench, server: baseline.Server) -> Target:
    """Return a bare server as a target."""
    location = server.kind.location
    next_post = users.posting(["nobody"], location)
    path = f"{location}/socket.io"
    return Target("a bare server", bench.bed.address, path, next_post, server.pids)


def _quiet_rows(bench: Bench, result: RateResult, name: str, ours: bool) -> list[Row]:
    delivery = result.delivery
    what = f"{name}, {bench.clients} clients, {result.rate} messages/s"
    due = delivery.posted * bench.clients
    lost, doubled, failed = delivery.lost, delivery.doubled, result.failed_posts
    figures = {
        "p50_ms": delivery.p50_ms,
        "cpu_ms": result.cpu_ms,
        "generator": result.generator_share,
    }
    return [
        Row(
            "events",
            f"{what}: p99 to the last client",
            single(delivery.p99_ms),
            "ms",
            below(GOAL_P99_MS) if ours else None,
            f"p50 {formatted(delivery.p50_ms)} ms; {_cost(result)}",
            figures,
        ),
        Row(
            "events",
            f"{what}: CPU of all its processes a message",
            single(result.cpu_ms),
            "ms",
            below(GOAL_CPU_MS) if ours else None,
        ),
        Row(
            "events",
            f"{what}: lost, doubled, refused",
            single(lost + doubled + failed + result.disconnected),
            goal=below(1) if ours else None,
            note=f"{lost}, {doubled}, {failed} of {due}",
        ),
    ]


def _cost(result: RateResult) -> str:
    return f"CPU {formatted(result.cpu_ms)} ms a message"


async def _most(bench: Bench, pool: ListenerPool, ours: bool) -> Row:
    """Raise the rate until it is not sustained any more."""
    best: RateResult | None = None
    for rate in RATES:
        result = await _try(bench, pool, rate)
        if not result.is_sustained:
            break
        best = result
    name = f"{pool.target.name}, {bench.clients} clients"
    goal = at_least(GOAL_RATE) if ours else None
    what = f"{name}: sustained with p99 < 1 s"
    if best is None:
        return Row("events", what, single(0), "messages/s", goal, "not even 10")
    note = f"p99 {formatted(best.delivery.p99_ms)} ms; {_cost(best)}"
    note += f"; generator {best.generator_share:.0%}"
    return Row("events", what, single(best.rate), "messages/s", goal, note)


async def _try(bench: Bench, pool: ListenerPool, rate: int) -> RateResult:
    """Try a rate, and once more: the machine may have had something else to do."""
    for _ in range(TRIES):
        result = await pool.measure(rate, bench.seconds * 2)
        gone = result.disconnected
        lost = f", {gone} clients thrown out" if gone else ""
        say(f"  {rate} messages/s: p99 {formatted(result.delivery.p99_ms)} ms{lost}")
        # Who was disconnected receives nothing of a second try.
        if result.is_sustained or gone:
            break
    return result
