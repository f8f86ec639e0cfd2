"""The part "scale-out": do twice as many instances do twice as much?"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from mftools.bench import cpu_limit, users
from mftools.bench.api_load import AUTHORS, LIST_SIZE, POST, getting
from mftools.bench.bench import Bench, say
from mftools.bench.debian_packages import NotInstalled
from mftools.bench.figures import Spread, at_least, formatted
from mftools.bench.http_client import Client
from mftools.bench.load import CONNECTIONS, Load, Sample, measure
from mftools.bench.report import Row, single
from mftools.bench.users import MESSAGES

PART = "scale-out"
# Each instance gets so much of a core, so that several fit on a small machine beside
# the database, the load balancer and whoever sends the requests.
SHARE = 0.25
SIZES = (1, 2, 4)
LEAST_OF_LINEAR = 0.85
ROUNDS = 3
WARM_UP_SECONDS = 1.0
GET = f"GET {MESSAGES}, {LIST_SIZE} of them"

Rates = dict[int, list[Sample]]


@dataclass(frozen=True)
class Kind:
    """Requests of one kind: ``next_request`` makes one after the other."""

    name: str
    next_request: Callable[[], bytes]


def scale_out(bench: Bench) -> None:
    """Measure with one, two and four instances, each held to a part of a core."""
    kinds = asyncio.run(_prepare(bench))
    found: dict[str, Rates] = {one.name: {} for one in kinds}
    try:
        for size in SIZES:
            instances = _have(bench, size)
            pids = {one["instance"]: [one["pid"]] for one in instances}
            limited = cpu_limit.limited([own[0] for own in pids.values()], SHARE)
            with limited as means:
                say(f"  {size} instances, held by {means}")
                for kind in kinds:
                    samples = _measure(bench, kind, pids)
                    found[kind.name][size] = asyncio.run(samples)
    except NotInstalled as error:
        bench.report.skipped[PART] = str(error)
        return
    finally:
        _have(bench, 1)
    for name, rates in found.items():
        bench.add(*_rows(name, rates))


async def _prepare(bench: Bench) -> list[Kind]:
    """Have authors and a whole list of messages; return what is asked for."""
    client = Client(bench.bed.address)
    post = users.posting(await users.tokens(client, AUTHORS))
    await asyncio.gather(*(client.send_checked(post()) for _ in range(LIST_SIZE)))
    client.close()
    return [Kind(POST, post), Kind(GET, getting(MESSAGES))]


def _have(bench: Bench, size: int) -> list[dict[str, Any]]:
    """Have so many instances of messages; return what mfstatus tells of them."""
    service = bench.bed.service_at(MESSAGES)
    assert service is not None
    running = bench.bed.instances(service)
    for one in running[size:]:
        bench.bed.mf("mfkill", one["instance"])
    for _ in range(size - len(running)):
        bench.bed.mf("mfrun", service)
    return bench.bed.instances(service)


async def _measure(
    bench: Bench, kind: Kind, pids: dict[str, list[int]]
) -> list[Sample]:
    connections = CONNECTIONS * len(pids)
    seconds = min(WARM_UP_SECONDS, bench.seconds)
    await Load(bench.bed.address, kind.next_request).run(seconds, connections)
    return [
        await measure(
            Load(bench.bed.address, kind.next_request),
            bench.seconds,
            pids,
            connections,
        )
        for _ in range(min(ROUNDS, bench.rounds))
    ]


def _rows(name: str, rates: Rates) -> list[Row]:
    rows = []
    one = Spread.of([sample.rate for sample in rates[SIZES[0]]]).middle
    for size, samples in rates.items():
        spread = Spread.of([sample.rate for sample in samples])
        what = f"{name}: {size} instance{'s' if size > 1 else ''}"
        rows.append(Row(PART, what, spread, "/s", note=_cost(samples)))
        if size > 1:
            share = single(spread.middle / (size * one) if one else 0.0)
            goal = at_least(LEAST_OF_LINEAR)
            rows.append(Row(PART, f"{what}, of {size} times one", share, goal=goal))
    return rows


def _cost(samples: list[Sample]) -> str:
    """Say what each instance has used: less than its share when others had the core."""
    used = [
        seconds / sample.seconds
        for sample in samples
        for seconds in sample.cpu_seconds.values()
    ]
    generator = Spread.of([sample.generator_share for sample in samples]).middle
    failed = sum(sample.failed.total() for sample in samples)
    note = f"each used {formatted(min(used))} to {formatted(max(used))} of a core"
    note += f"; generator {generator:.0%}"
    return f"{note}; {failed} FAILED" if failed else note
