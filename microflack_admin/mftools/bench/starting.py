"""The parts "start", "memory" and "routing", which are about the platform itself."""

import asyncio
import time
from collections.abc import Callable

from mfplatform.state.home import PlatformError
from mfplatform.state.probes import http_status
from mftools.bench import baseline, http_client, usage, users
from mftools.bench.bench import Bench, say
from mftools.bench.figures import Spread, below
from mftools.bench.http_client import Client
from mftools.bench.report import Row, single
from mftools.bench.testbed import Testbed
from mftools.bench.users import MESSAGES, TOKENS, USERS

ROUTE_TIMEOUT_SECONDS = 15.0
# Requests that make all threads of a service do something.
USE_REQUESTS = 64


def start(bench: Bench) -> None:
    """Start the platform with nothing stored, and again after it was stopped."""
    for what, prepare in (
        ("mfup, all installed, nothing stored yet", bench.bed.empty),
        ("mfup after mfdown", bench.bed.down),
    ):
        say(f"  {what}")
        prepare()
        seconds = bench.bed.up()
        asyncio.run(_chat(bench))
        bench.add(Row("start", what, single(seconds), "s", below(20)))


async def _chat(bench: Bench) -> None:
    """Write a message and read it, if this checkout can."""
    if not all(bench.bed.service_at(path) for path in (USERS, TOKENS, MESSAGES)):
        return
    client = Client(bench.bed.address)
    tokens = await users.tokens(client, 1)
    await client.send_checked(users.posting(tokens)())
    await client.send_checked(http_client.request("GET", MESSAGES))
    client.close()


def memory(bench: Bench) -> None:
    """Add up the memory of the services: after their start, and after some use."""
    address = "{}:{}".format(*bench.bed.address)
    for location in _own_services(bench).values():
        http_status(address, location)
    held = _memory_mb(bench)
    for service in _own_services(bench):
        bench.add(Row("memory", service, single(held.pop(service)), "MB"))
    for part, size in held.items():
        bench.add(Row("memory", f"({part})", single(size), "MB"))
    _add_total(bench, "all services")
    asyncio.run(_use(bench))
    _add_total(bench, "all services, after some use")


def _memory_mb(bench: Bench) -> dict[str, float]:
    """Return the MB that each service and each part of the platform holds."""
    pids = bench.bed.pids()
    return {name: sum(map(usage.memory_mb, own)) for name, own in pids.items()}


def _add_total(bench: Bench, what: str) -> None:
    held = _memory_mb(bench)
    total = sum(held[service] for service in _own_services(bench))
    bench.add(Row("memory", what, single(total), "MB", below(320)))


async def _use(bench: Bench) -> None:
    """Let all threads of all services do something."""
    await _chat(bench)
    client = Client(bench.bed.address)
    for location in _own_services(bench).values():
        message = http_client.request("GET", location)
        await asyncio.gather(*(client.send(message) for _ in range(USE_REQUESTS)))
    await asyncio.gather(*(client.send(users.login(0)) for _ in range(USE_REQUESTS)))
    client.close()


def _own_services(bench: Bench) -> dict[str, str]:
    """Return the locations of the services that have an instance."""
    tree = bench.bed.registry.tree("/services").values
    names = {one["service"] for one in bench.bed.status()["instances"]}
    return {name: tree[f"/services/{name}/location"] for name in sorted(names)}


def routing(bench: Bench) -> None:
    """Measure the time from a key in the registry to the first request that arrives."""
    known, fresh = [], []
    with baseline.serving(bench.bed, baseline.HELLO) as servers:
        server = servers[baseline.HELLO.name]
        for _ in range(bench.rounds):
            baseline.unregister_instance(bench.bed, server)
            _wait_until(bench, server, routed=False)
            known.append(_seconds_to_route(bench, server, baseline.register_instance))
            baseline.unregister(bench.bed, server)
            _wait_until(bench, server, routed=False)
            fresh.append(_seconds_to_route(bench, server, baseline.register))
    for what, seconds in (
        ("an instance of a known service: registered to first answer", known),
        ("a new service: registered to first answer", fresh),
    ):
        bench.add(Row("routing", what, Spread.of([x * 1000 for x in seconds]), "ms"))


def _seconds_to_route(
    bench: Bench,
    server: baseline.Server,
    act: Callable[[Testbed, baseline.Server], None],
) -> float:
    """Return the seconds from an act until the server is reached."""
    began = time.perf_counter()
    act(bench.bed, server)
    _wait_until(bench, server, routed=True)
    return time.perf_counter() - began


def _wait_until(bench: Bench, server: baseline.Server, routed: bool) -> None:
    address = "{}:{}".format(*bench.bed.address)
    deadline = time.monotonic() + ROUTE_TIMEOUT_SECONDS
    while (http_status(address, server.kind.location) == 200) != routed:
        if time.monotonic() > deadline:
            raise PlatformError(
                f"the route did not change within {ROUTE_TIMEOUT_SECONDS:.0f} s"
            )
        time.sleep(0.001)
