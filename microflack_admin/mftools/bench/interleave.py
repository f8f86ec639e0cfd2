"""Measure several servers in turns, so that they share the machine's moods."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from mftools.bench.figures import Spread, Target, quantile, ratios, shown
from mftools.bench.http_client import Address, Answer
from mftools.bench.load import Load, Sample, measure
from mftools.bench.report import Row

WARM_UP = 1.0


@dataclass(frozen=True)
class Subject:
    """What is asked, and the processes that answer."""

    what: str
    make: Callable[[], bytes]
    pids: Sequence[int]
    heard: Callable[[Answer], None] = field(default=lambda answer: None)


Samples = dict[str, list[Sample]]


async def in_turns(
    address: Address, subjects: Sequence[Subject], rounds: int, seconds: float
) -> Samples:
    """Measure all of them one after the other, and that again and again."""
    found: Samples = {one.what: [] for one in subjects}
    for one in subjects:
        await Load(address, one.make, one.heard).run(min(WARM_UP, seconds))
    for _ in range(rounds):
        for one in subjects:
            load = Load(address, one.make, one.heard)
            groups: Mapping[str, Sequence[int]] = {"server": one.pids}
            found[one.what].append(await measure(load, seconds, groups))
    return found


def rate(part: str, what: str, samples: Sequence[Sample]) -> Row:
    """Return the row that says how many requests were answered each second."""
    latencies = [one for sample in samples for one in sample.latencies] or [0.0]
    p50, p99 = (quantile(latencies, share) * 1000 for share in (0.5, 0.99))
    cost = Spread.of([sample.cost("server") for sample in samples]).middle
    generator = Spread.of([sample.generator for sample in samples]).middle
    failed = sum(sample.failed.total() for sample in samples)
    note = f"p50 {shown(p50)}, p99 {shown(p99)} ms; CPU {shown(cost)} ms each"
    return Row(
        part,
        what,
        Spread.of([sample.rate for sample in samples]),
        "/s",
        note=f"{note}; {failed} FAILED" if failed else note,
        details={
            "p50_ms": p50,
            "p99_ms": p99,
            "server_cpu_ms": cost,
            "generator_cpu_share": generator,
            "failed": failed,
        },
    )


def share(
    part: str, samples: Samples, ours: str, bare: str, target: Target | None = None
) -> Row:
    """Return the row that says which part of a bare server's rate ours is."""
    rates = [[sample.rate for sample in samples[name]] for name in (ours, bare)]
    found = ratios(*rates) or [0.0]
    return Row(part, f"{ours}: of {bare}", Spread.of(found), target=target)
