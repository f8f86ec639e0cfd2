"""Measure several servers in turns, since a machine gets faster and slower."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from mftools.bench.figures import Goal, Spread, formatted, quantile, ratios
from mftools.bench.http_client import Address, Answer
from mftools.bench.load import Load, Sample, measure
from mftools.bench.report import Row

WARM_UP_SECONDS = 1.0


@dataclass(frozen=True)
class Subject:
    """What is measured: requests, and the processes that answer them.

    ``next_request`` makes one request after the other, ``on_answer`` gets each answer.
    ``all_pids`` are all processes that have to do with it, those of others, too. At
    ``address`` it is asked, if that is not where all others are.
    """

    name: str
    next_request: Callable[[], bytes]
    pids: Sequence[int]
    on_answer: Callable[[Answer], None] = field(default=lambda answer: None)
    all_pids: Sequence[int] = ()
    address: Address | None = None


Samples = dict[str, list[Sample]]


async def measure_in_turns(
    address: Address, subjects: Sequence[Subject], rounds: int, seconds: float
) -> Samples:
    """Measure each for some seconds, one after the other, in so many rounds."""
    found: Samples = {one.name: [] for one in subjects}
    for one in subjects:
        await _load(address, one).run(min(WARM_UP_SECONDS, seconds))
    for _ in range(rounds):
        for one in subjects:
            load = _load(address, one)
            groups: Mapping[str, Sequence[int]]
            groups = {"server": one.pids, "all": one.all_pids}
            found[one.name].append(await measure(load, seconds, groups))
    return found


def _load(address: Address, one: Subject) -> Load:
    return Load(one.address or address, one.next_request, one.on_answer)


def rate_row(part: str, name: str, samples: Sequence[Sample]) -> Row:
    """Return the row that says how many requests were answered each second."""
    latencies = [one for sample in samples for one in sample.latencies] or [0.0]
    p50, p99 = (quantile(latencies, of_all) * 1000 for of_all in (0.5, 0.99))
    cost = Spread.of([sample.cpu_ms("server") for sample in samples]).middle
    generator = Spread.of([sample.generator_share for sample in samples]).middle
    failed = sum(sample.failed.total() for sample in samples)
    note = f"p50 {formatted(p50)}, p99 {formatted(p99)} ms"
    note += f"; CPU {formatted(cost)} ms each"
    return Row(
        part,
        name,
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


def cost_row(part: str, name: str, samples: Sequence[Sample], goal: Goal) -> Row:
    """Return the row that says what all processes together use for a request."""
    spread = Spread.of([sample.cpu_ms("all") for sample in samples])
    return Row(part, f"{name}: CPU of all processes", spread, "ms", goal)


def ratio_row(
    part: str, samples: Samples, ours: str, bare: str, goal: Goal | None = None
) -> Row:
    """Return the row that says which part of a bare server's rate ours is."""
    rates = [[sample.rate for sample in samples[name]] for name in (ours, bare)]
    found = ratios(*rates) or [0.0]
    return Row(part, f"{ours}: of {bare}", Spread.of(found), goal=goal)
