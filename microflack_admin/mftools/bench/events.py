"""The part that listens: from a POST to the last of many clients."""

import asyncio

from mftools.bench import baseline, users
from mftools.bench.api_load import AUTHORS
from mftools.bench.bench import Bench, say
from mftools.bench.figures import at_least, below, shown
from mftools.bench.http_client import Client
from mftools.bench.listener_pool import Audience, Hall, Run
from mftools.bench.report import Row, single
from mftools.bench.users import MESSAGES, TOKENS, USERS

LOCATION = "/socket.io"
# Messages a second: when little is said, and how the most is looked for.
CALM = 5
RATES = (10, 20, 35, 50, 70, 100, 140, 200)
FAST_ENOUGH = 35
TRIES = 2


def events(bench: Bench) -> None:
    """Post to a room full of listeners, there and in front of a bare server."""
    with baseline.serving(bench.bed, baseline.BROADCAST) as servers:
        asyncio.run(_events(bench, servers[baseline.BROADCAST.name]))


async def _events(bench: Bench, server: baseline.Server) -> None:
    address = bench.bed.address
    ours = await _our_hall(bench)
    location = server.kind.location
    make = users.posting(["nobody"], location)
    other = Hall("a bare server", address, f"{location}/socket.io", make, server.pids)
    for hall in (ours, other):
        if hall is None:
            bench.report.skipped["events"] = f"nothing serves {LOCATION} here"
            continue
        say(f"  {bench.clients} clients listen to {hall.name}")
        audience = await Audience.gather(hall, bench.clients)
        try:
            calm = await audience.listen(CALM, bench.seconds * 4)
            bench.add(*_calm_rows(bench, calm, hall.name, hall is ours))
            bench.add(await _sustained(bench, audience, hall is ours))
        finally:
            audience.leave()


async def _our_hall(bench: Bench) -> Hall | None:
    """Return the chat's own Socket.IO service, if this checkout has one."""
    served = [
        bench.bed.service_at(path) for path in (LOCATION, MESSAGES, USERS, TOKENS)
    ]
    if served[0] is None or None in served:
        return None
    client = Client(bench.bed.address)
    tokens = await users.tokens(client, AUTHORS)
    client.close()
    pids, make = bench.bed.pids()[served[0]], users.posting(tokens)
    return Hall(f"POST {MESSAGES}", bench.bed.address, LOCATION, make, pids)


def _calm_rows(bench: Bench, run: Run, name: str, ours: bool) -> list[Row]:
    delivery = run.delivery
    what = f"{name}, {bench.clients} clients, {run.rate} messages/s"
    due = delivery.posted * bench.clients
    note = f"p50 {shown(delivery.p50)} ms; CPU {shown(run.cost)} ms a message"
    wrong = delivery.lost + delivery.doubled + run.failed + run.thrown_out
    return [
        Row(
            "events",
            f"{what}: p99 to the last client",
            single(delivery.p99),
            "ms",
            below(100) if ours else None,
            note,
            {"p50_ms": delivery.p50, "cpu_ms": run.cost, "generator": run.generator},
        ),
        Row(
            "events",
            f"{what}: lost, doubled, refused",
            single(wrong),
            target=below(1) if ours else None,
            note=f"{delivery.lost}, {delivery.doubled}, {run.failed} of {due}",
        ),
    ]


async def _sustained(bench: Bench, audience: Audience, ours: bool) -> Row:
    """Raise the rate until it does not hold any more."""
    best: Run | None = None
    for rate in RATES:
        run = await _try(bench, audience, rate)
        if not run.holds:
            break
        best = run
    name = f"{audience.hall.name}, {bench.clients} clients"
    target = at_least(FAST_ENOUGH) if ours else None
    what = f"{name}: sustained with p99 < 1 s"
    if best is None:
        return Row("events", what, single(0), "messages/s", target, "not even 10")
    note = f"p99 {shown(best.delivery.p99)} ms; CPU {shown(best.cost)} ms a message"
    note += f"; generator {best.generator:.0%}"
    return Row("events", what, single(best.rate), "messages/s", target, note)


async def _try(bench: Bench, audience: Audience, rate: int) -> Run:
    """Try a rate, and once more: the machine may have had something else to do."""
    for _ in range(TRIES):
        run = await audience.listen(rate, bench.seconds * 2)
        lost = f", {run.thrown_out} clients thrown out" if run.thrown_out else ""
        say(f"  {rate} messages/s: p99 {shown(run.delivery.p99)} ms{lost}")
        # Who was thrown out hears nothing of a second try.
        if run.holds or run.thrown_out:
            break
    return run
