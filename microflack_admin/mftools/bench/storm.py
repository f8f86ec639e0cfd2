"""The part "storm": everybody connects again at once when a server is gone."""

import asyncio
import resource
import signal
import time

from mfplatform.runtime.process import processes
from mftools.bench import followers, usage, users
from mftools.bench.bench import Bench, say
from mftools.bench.figures import below, formatted, quantile
from mftools.bench.follower import Follower, Pauses
from mftools.bench.http_client import Client
from mftools.bench.presence_log import PresenceLog
from mftools.bench.reconciliation import reconcile
from mftools.bench.report import Row, single
from mftools.bench.tally import Tally
from mftools.bench.traffic import Rates, Traffic
from mftools.bench.users import MESSAGES, SOCKETS

PART = "storm"
# All of them are on the instance that is killed.
CLIENTS = 1000
AUTHORS = 8
POSTS_PER_SECOND = 5.0
# What the page waits: a moment at first, and longer after each attempt that failed.
PAGE_PAUSES = Pauses(jitter=2.0, first=1.0, longest=5.0)
# A client holds two connections, each with a file descriptor.
DESCRIPTORS = 3
# After that it is over, whoever is still missing.
LONGEST_STORM_SECONDS = 60.0
LATE_EVENTS_SECONDS = 5.0
POLL_SECONDS = 0.02


def storm(bench: Bench) -> None:
    """Kill one of two instances of socketio that has all clients."""
    _allow_descriptors(bench.clients * DESCRIPTORS)
    service = bench.bed.service_at(SOCKETS)
    assert service is not None
    instances = bench.bed.instances(service)
    # The last of them gets all clients, and another one comes when they are there.
    for one in instances[:-1]:
        bench.bed.mf("mfkill", one["instance"])
    asyncio.run(_storm(bench, service, instances[-1]["pid"]))


def _allow_descriptors(count: int) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < count:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


async def _storm(bench: Bench, service: str, victim: int) -> None:
    say(f"  {bench.clients} people sign in and connect")
    client = Client(bench.bed.address)
    tokens = await users.tokens(client, max(AUTHORS, bench.clients))
    client.close()
    clients = [
        Follower(bench.bed.address, SOCKETS, number, tokens[number], PAGE_PAUSES)
        for number in range(bench.clients)
    ]
    await followers.start_all(clients)
    await asyncio.to_thread(bench.bed.mf, "mfrun", service)
    # The new instance has no clients yet: the load balancer sends this one there.
    presence = await PresenceLog.connect(bench.bed.address)
    traffic = Traffic(bench.bed.address, Rates(posts=POSTS_PER_SECOND))
    traffic.write(tokens[:AUTHORS])
    try:
        await asyncio.sleep(bench.seconds)
        await _kill(bench, victim, clients, presence)
    finally:
        tally = await traffic.stop()
        await _wait_for(clients, set(tally.acknowledged))
        for one in clients:
            one.leave()
        presence.close()
    bench.add(*_client_rows(clients, tally), *_loss_rows(clients, tally))


async def _kill(
    bench: Bench, victim: int, clients: list[Follower], presence: PresenceLog
) -> None:
    """Kill the instance, wait until all clients are back, and report what it cost."""
    pids = await asyncio.to_thread(bench.bed.pids)
    before = usage.cpu_by_process([pid for own in pids.values() for pid in own])
    say("  the instance that has all clients is killed")
    presence.clear()
    began, used = time.perf_counter(), time.process_time()
    processes.send(usage.family(victim, usage.children()), signal.SIGKILL)
    deadline = began + LONGEST_STORM_SECONDS
    while time.perf_counter() < deadline:
        await asyncio.sleep(POLL_SECONDS)
        if all(one.gap_seconds and one.is_caught_up for one in clients):
            break
    seconds = time.perf_counter() - began
    generator = (time.process_time() - used) / seconds
    back = sum(bool(one.gap_seconds) and one.is_caught_up for one in clients)
    what = f"all {len(clients)} clients of a killed instance caught up"
    bench.add(
        Row(
            PART,
            what,
            single(seconds if back == len(clients) else float("inf")),
            "s",
            below(10),
            f"{back} of {len(clients)}",
        )
    )
    pids = await asyncio.to_thread(bench.bed.pids)
    costs = {name: usage.cpu_since(before, own) for name, own in pids.items()}
    bench.add(_cost_row(costs, seconds, generator), *presence.rows(PART, seconds))


async def _wait_for(clients: list[Follower], acknowledged: set[int]) -> None:
    """Wait until all clients have all messages, but not for ever."""
    deadline = time.perf_counter() + LATE_EVENTS_SECONDS
    while time.perf_counter() < deadline:
        if all(acknowledged <= one.received.messages.keys() for one in clients):
            break
        await asyncio.sleep(POLL_SECONDS)


def _cost_row(costs: dict[str, float], seconds: float, generator: float) -> Row:
    most = sorted(costs.items(), key=lambda one: -one[1])
    note = ", ".join(f"{name} {formatted(used)}" for name, used in most if used >= 0.05)
    return Row(
        PART,
        "CPU of all of the server's processes until then",
        single(sum(costs.values())),
        "s",
        note=note,
        details={"seconds": seconds, "generator": generator, "cpu_seconds": costs},
    )


def _client_rows(clients: list[Follower], tally: Tally) -> list[Row]:
    gaps = [gap for one in clients for gap in one.gap_seconds] or [0.0]
    slowest = max(
        [tally.slowest_seconds, *(one.requests.slowest_seconds for one in clients)]
    )
    asked = sum(one.requests.count for one in clients)
    posted = tally.requests.total()
    refused = sum(one.requests.failed for one in clients)
    failures = [vars(failure) for failure in tally.failures]
    return [
        Row(
            PART,
            "a client's gap, p99",
            single(quantile(gaps, 0.99)),
            "s",
            note=f"p50 {formatted(quantile(gaps, 0.5))} s; {len(gaps)} gaps",
        ),
        Row(
            PART,
            "the slowest request",
            single(slowest),
            "s",
            below(5),
            f"{posted} POST {MESSAGES}, {asked} GET {MESSAGES}?after=...",
        ),
        Row(
            PART,
            "requests that failed",
            single(len(failures) + refused),
            goal=below(1),
            note=f"{len(failures)} posts, {refused} when catching up",
            details={"failures": failures},
        ),
    ]


def _loss_rows(clients: list[Follower], tally: Tally) -> list[Row]:
    found = reconcile(tally.acknowledged, [one.received for one in clients])
    note = f"{found.acknowledged} acknowledged, {found.delivered} delivered"
    return [
        Row(PART, f"messages {name}", single(count), goal=below(1), note=note)
        for name, count in (("lost", found.lost), ("doubled", found.doubled))
    ]
