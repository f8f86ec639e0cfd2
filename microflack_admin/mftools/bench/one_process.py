"""The part "monolith": the same chat as one process, and as services, in turns."""

import asyncio
import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from mfplatform.state.home import Home
from mftools.bench import usage, users
from mftools.bench.api_load import getting
from mftools.bench.bench import Bench, say
from mftools.bench.events import QUIET_RATE
from mftools.bench.figures import Spread
from mftools.bench.http_client import Client
from mftools.bench.interleave import WARM_UP_SECONDS, rate_row
from mftools.bench.listener_pool import ListenerPool, RateResult, Target
from mftools.bench.load import Load, Sample, measure
from mftools.bench.report import Row, single
from mftools.bench.testbed import Testbed
from mftools.bench.users import MESSAGES, SOCKETS, USERS

PART = "monolith"
AUTHORS = 8
LIST_SIZE = 100


class OneProcess(Testbed):
    """A monolith that is measured."""

    def up(self) -> float:
        """Bring it up; return how many seconds that took."""
        began = time.perf_counter()
        self.mf("mfup", "--monolith")
        return time.perf_counter() - began

    def empty(self) -> None:
        """Forget all data; what was installed stays."""
        self.down()
        shutil.rmtree(self.home.path / PART, ignore_errors=True)


@dataclass
class _Subject:
    """One of the two: where it is, its processes, and people who write there."""

    name: str
    bed: Testbed
    pids: Sequence[int]
    post: Callable[[], bytes]


def monolith(bench: Bench) -> None:
    """Measure both: starts, memory, posts, lists, and clients that listen."""
    own = OneProcess(Home(bench.bed.home.path / PART))
    try:
        own.empty()
        _add(bench, "mfup --monolith, all installed, nothing stored yet", own.up(), "s")
        own.down()
        _add(bench, "mfup --monolith after mfdown", own.up(), "s")
        asyncio.run(_compare(bench, own))
    finally:
        own.down()


def _add(bench: Bench, what: str, figure: float, unit: str) -> None:
    bench.add(Row(PART, what, single(figure), unit))


async def _compare(bench: Bench, own: Testbed) -> None:
    both = [
        await _subject("one process", own),
        await _subject("five services", bench.bed),
    ]
    for one in both:
        held = sum(map(usage.memory_mb, one.pids))
        _add(bench, f"{one.name}: memory when idle", held, "MB")
    await _in_turns(bench, both, f"POST {MESSAGES}", [one.post for one in both])
    for path in (MESSAGES, USERS):
        what = f"GET {path}, {LIST_SIZE} of them"
        await _in_turns(bench, both, what, [getting(path)] * 2)
    for one in both:
        result = await _listen(bench, one)
        bench.add(_delivery(bench, one.name, result))
        held = sum(map(usage.memory_mb, one.pids))
        _add(bench, f"{one.name}: memory after that", held, "MB")


async def _subject(name: str, bed: Testbed) -> _Subject:
    say(f"  {name}: writing {LIST_SIZE} messages and users")
    client = Client(bed.address)
    tokens = await users.tokens(client, LIST_SIZE)
    post = users.posting(tokens)
    await asyncio.gather(*(client.send_checked(post()) for _ in range(LIST_SIZE)))
    client.close()
    # All of a platform: its database and its load balancer are in the one process, too.
    pids = {pid for own in bed.pids().values() for pid in own}
    return _Subject(name, bed, sorted(pids), post)


async def _in_turns(
    bench: Bench,
    both: Sequence[_Subject],
    what: str,
    requests: Sequence[Callable[[], bytes]],
) -> None:
    say(f"  {what}")
    samples: dict[str, list[Sample]] = {one.name: [] for one in both}
    for one, request in zip(both, requests, strict=True):
        await Load(one.bed.address, request).run(min(WARM_UP_SECONDS, bench.seconds))
    for _ in range(bench.rounds):
        for one, request in zip(both, requests, strict=True):
            load = Load(one.bed.address, request)
            found = await measure(load, bench.seconds, {"server": one.pids})
            samples[one.name].append(found)
    for name, own in samples.items():
        bench.add(rate_row(PART, f"{name}: {what}", own))
    shares = [
        ours.rate / theirs.rate
        for ours, theirs in zip(*samples.values(), strict=True)
        if theirs.rate
    ]
    bench.add(Row(PART, f"{what}: one process of five", Spread.of(shares or [0.0])))


async def _listen(bench: Bench, one: _Subject) -> RateResult:
    say(f"  {bench.clients} clients listen to {one.name}")
    target = Target(one.name, one.bed.address, SOCKETS, one.post, list(one.pids))
    pool = await ListenerPool.connect(target, bench.clients)
    try:
        return await pool.measure(QUIET_RATE, bench.seconds * 4)
    finally:
        pool.close()


def _delivery(bench: Bench, name: str, result: RateResult) -> Row:
    delivery = result.delivery
    wrong = delivery.lost + delivery.doubled + result.failed_posts + result.disconnected
    return Row(
        PART,
        f"{name}: {bench.clients} clients, {result.rate} messages/s: p99 to the last",
        single(delivery.p99_ms),
        "ms",
        note=f"p50 {delivery.p50_ms:.0f} ms; CPU {result.cpu_ms:.0f} ms a message; "
        f"{wrong} lost, doubled or refused",
        details={"p50_ms": delivery.p50_ms, "wrong": wrong},
    )
