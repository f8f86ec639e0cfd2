"""What the part "upgrade" tells of what people noticed, as rows of the report."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from mftools.bench.figures import Spread, at_least, below, formatted
from mftools.bench.follower import Follower
from mftools.bench.received_messages import ReceivedMessages
from mftools.bench.reconciliation import reconcile
from mftools.bench.report import Row, single
from mftools.bench.tally import Tally


@dataclass(frozen=True)
class Roll:
    """How many seconds a roll took, and what it said if it failed."""

    service: str
    seconds: float
    problem: str = ""


def rolls(part: str, done: Sequence[Roll], longest_seconds: float | None) -> list[Row]:
    """Return how long the rolls took, and how many of them were completed."""
    what = "a service with two instances: mfupgrade roll"
    goal = None if longest_seconds is None else below(longest_seconds)
    failed = [roll for roll in done if roll.problem]
    problems = [f"{roll.service}: {roll.problem}" for roll in failed]
    return [
        Row(part, what, Spread.of([roll.seconds for roll in done]), "s", goal),
        Row(
            part,
            "rolls that were completed",
            single(len(done) - len(failed)),
            goal=at_least(len(done)),
            details={"problems": problems},
        ),
    ]


def requests(part: str, tally: Tally) -> list[Row]:
    """Return how many requests there were, and how many failed."""
    kinds = ", ".join(f"{count} {kind}" for kind, count in tally.requests.items())
    failures = [vars(failure) for failure in tally.failures]
    slowest = f"the slowest took {formatted(tally.slowest_seconds * 1000)} ms"
    return [
        Row(part, "requests", single(tally.requests.total()), note=kinds),
        Row(
            part,
            "requests that failed",
            single(len(failures)),
            goal=below(1),
            note=slowest,
            details={"failures": failures},
        ),
    ]


def messages(
    part: str,
    where: str,
    acknowledged: Mapping[int, str],
    clients: Iterable[ReceivedMessages],
) -> list[Row]:
    """Return what of the acknowledged messages was lost, doubled or out of order.

    :param acknowledged: their texts by their ids.
    """
    found = reconcile(acknowledged, clients)
    note = f"{found.acknowledged} acknowledged, {found.delivered} delivered"
    figures = {
        "lost": found.lost,
        "doubled": found.doubled,
        "out of order": found.out_of_order,
    }
    return [
        Row(part, f"messages {where}: {name}", single(count), goal=below(1), note=note)
        for name, count in figures.items()
    ]


def files(part: str, sent: int, damaged: Sequence[str]) -> Row:
    """Return how many files are not there as they were sent."""
    return Row(
        part,
        "files in a private room: lost or damaged",
        single(len(damaged)),
        goal=below(1),
        note=f"{sent} sent",
        details={"files": list(damaged)},
    )


def gaps(
    part: str, followers: Sequence[Follower], longest_seconds: float | None
) -> Row:
    """Return how long clients were cut off at most."""
    found = [gap for one in followers for gap in one.gap_seconds]
    failed = sum(one.requests.failed for one in followers)
    return Row(
        part,
        "longest gap of a client, until all was caught up",
        single(max(found, default=0.0)),
        "s",
        None if longest_seconds is None else below(longest_seconds),
        f"{len(found)} gaps, {failed} refused when catching up",
    )
