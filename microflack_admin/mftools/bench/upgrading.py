"""The part "upgrade": all services are upgraded while people chat."""

import asyncio
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from mfplatform.packaging import sources
from mfplatform.runtime import base
from mfplatform.state.home import Home
from mftools.bench import baseline, follower, users
from mftools.bench.bench import Bench, say
from mftools.bench.figures import Spread, below, formatted
from mftools.bench.follower import Follower
from mftools.bench.http_client import Client
from mftools.bench.reconciliation import reconcile
from mftools.bench.report import Row, single
from mftools.bench.tally import Tally
from mftools.bench.traffic import Traffic
from mftools.bench.users import MESSAGES, SOCKETS, USERS

PART = "upgrade"
COMMAND = "mfupgrade"
# The tag of the images that are rolled out.
AGAIN = "again"
LISTENERS = 30
AUTHORS = 8
READ_PATHS = ("/", MESSAGES, USERS, f"{USERS}/1", f"{MESSAGES}?limit=10")
# Traffic goes on for that long before, between and after the upgrades.
PAUSE_SECONDS = 2.0
# After that an old process of HAProxy has ended the WebSockets that it still held, and
# their clients have connected again.
OLD_PROCESS_SECONDS = 35.0


def upgrade(bench: Bench) -> None:
    """Roll every service, two instances each, then let HAProxy load anew."""
    if not (Path(os.environ["MF_ADMIN"]) / "bin" / COMMAND).exists():
        bench.report.skipped[PART] = f"there is no {COMMAND} here"
        return
    services = _two_of_each(bench)
    with _reloading(bench) as reload:
        asyncio.run(_upgrade(bench, services, reload))


def _build_again(home: Home, service: str) -> None:
    """Make another image of a service as it is: one that differs in a comment."""
    admin, name = Path(os.environ["MF_ADMIN"]), f"microflack_{service}"
    with TemporaryDirectory() as folder:
        copy = Path(folder) / service
        sources.export_tree(admin.parent / name, copy)
        (copy / name / "again.py").write_text('"""The same once more."""\n')
        base.create(home).build(service, copy, [AGAIN])


def _two_of_each(bench: Bench) -> list[str]:
    instances = [one["service"] for one in bench.bed.status()["instances"]]
    services = sorted(set(instances))
    for service in services:
        say(f"  building {service} again")
        _build_again(bench.bed.home, service)
        for _ in range(2 - instances.count(service)):
            say(f"  one more instance of {service}")
            bench.bed.mf("mfrun", service)
    return services


@contextmanager
def _reloading(bench: Bench) -> Iterator[baseline.Server]:
    """Have a server that is not routed yet: to route it needs a new configuration."""
    with baseline.serving(bench.bed, baseline.HELLO) as servers:
        server = servers[baseline.HELLO.name]
        baseline.unregister(bench.bed, server)
        yield server


async def _upgrade(bench: Bench, services: list[str], reload: baseline.Server) -> None:
    address = bench.bed.address
    client = Client(address)
    tokens = await users.tokens(client, AUTHORS)
    followers: list[Follower] = []
    if bench.bed.service_at(SOCKETS):
        followers = await follower.connect_all(address, SOCKETS, LISTENERS, say)
    else:
        bench.report.skipped[f"{PART} (clients)"] = f"nothing serves {SOCKETS} here"
    # It reads everything at the end, which is what is stored.
    reader = Follower(address, SOCKETS, LISTENERS)
    traffic = Traffic(address)
    traffic.read(*READ_PATHS)
    traffic.sign_in(tokens)
    traffic.write()
    try:
        await asyncio.sleep(PAUSE_SECONDS)
        seconds = [await _roll(bench, service) for service in services]
        await _reload(bench, reload)
    finally:
        tally = await traffic.stop()
        # The last events are still on their way.
        await asyncio.sleep(PAUSE_SECONDS)
        await asyncio.gather(*(one.stop() for one in (*followers, reader)))
        client.close()
    what = "a service with two instances: mfupgrade roll"
    bench.add(Row(PART, what, Spread.of(seconds), "s", below(25)))
    _requests(bench, tally)
    _messages(bench, "stored", tally, [reader])
    if followers:
        _messages(bench, f"with {LISTENERS} clients", tally, followers)
        _gaps(bench, followers)


async def _roll(bench: Bench, service: str) -> float:
    """Replace the instances of a service; return how many seconds that took."""
    say(f"  rolling {service}")
    began = time.perf_counter()
    await asyncio.to_thread(bench.bed.mf, COMMAND, "roll", service, AGAIN)
    seconds = time.perf_counter() - began
    await asyncio.sleep(PAUSE_SECONDS)
    return seconds


async def _reload(bench: Bench, server: baseline.Server) -> None:
    say("  loading HAProxy's configuration anew, twice")
    await asyncio.to_thread(baseline.register, bench.bed, server)
    await asyncio.to_thread(baseline.wait_until_routed, bench.bed, server)
    await asyncio.sleep(PAUSE_SECONDS)
    await asyncio.to_thread(baseline.unregister, bench.bed, server)
    await asyncio.sleep(OLD_PROCESS_SECONDS)


def _requests(bench: Bench, tally: Tally) -> None:
    kinds = ", ".join(f"{count} {kind}" for kind, count in tally.requests.items())
    failures = [vars(failure) for failure in tally.failures]
    slowest = f"the slowest took {formatted(tally.slowest_seconds * 1000)} ms"
    bench.add(
        Row(PART, "requests", single(tally.requests.total()), note=kinds),
        Row(
            PART,
            "requests that failed",
            single(len(failures)),
            goal=below(1),
            note=slowest,
            details={"failures": failures},
        ),
    )


def _messages(
    bench: Bench, where: str, tally: Tally, followers: list[Follower]
) -> None:
    found = reconcile(tally.acknowledged, [one.received for one in followers])
    note = f"{found.acknowledged} acknowledged, {found.delivered} delivered"
    figures = {
        "lost": found.lost,
        "doubled": found.doubled,
        "out of order": found.out_of_order,
    }
    for name, count in figures.items():
        what = f"messages {where}: {name}"
        bench.add(Row(PART, what, single(count), goal=below(1), note=note))


def _gaps(bench: Bench, followers: list[Follower]) -> None:
    gaps = [gap for one in followers for gap in one.gap_seconds]
    failed = sum(one.failed_catch_ups for one in followers)
    bench.add(
        Row(
            PART,
            "longest gap of a client, until all was caught up",
            single(max(gaps, default=0.0)),
            "s",
            below(3),
            f"{len(gaps)} gaps, {failed} refused when catching up",
        )
    )
