"""Let it happen, while people chat, and say whether all that was promised held.

The invariants, whatever is killed, stands still, is cut off or full, of what can be
survived:

- nothing that was acknowledged is lost, doubled, or out of its order;
- everybody who listens or asks gets all of it by themselves;
- every service answers again within ten seconds of the end of a misfortune, not
  counting what others on the machine have taken of them;
- in the end registry, load balancer and processes agree.
"""

import asyncio
import time
from collections.abc import Callable, Sequence

from mftools.bench.figures import at_least, below
from mftools.bench.report import Report, Row, single
from mftools.bench.testbed import Testbed
from mftools.chaos.agreement import wait_for_agreement
from mftools.chaos.ground import Ground
from mftools.chaos.outages import PATHS, Watch, recovery_seconds
from mftools.chaos.own_time import OwnTime
from mftools.chaos.people import People
from mftools.chaos.plan import Misfortune
from mftools.chaos.small_disk import SmallDisk
from mftools.chaos.targets import INSTANCES

BACK_SECONDS = 10.0
PART = "chaos"
Say = Callable[[str], None]


async def chaos(
    bed: Testbed,
    disk: SmallDisk | None,
    misfortunes: Sequence[Misfortune],
    report: Report,
    say: Say,
) -> None:
    """Have these befall a platform that is up, and report.

    :param disk: the small disk that it is on, if it is on one.
    """
    async with Ground(bed, disk) as ground:
        await _watched(bed, ground, misfortunes, report, say)


async def _watched(
    bed: Testbed,
    ground: Ground,
    misfortunes: Sequence[Misfortune],
    report: Report,
    say: Say,
) -> None:
    people = People(bed.address)
    token = await people.come()
    watches, clock = [Watch(path) for path in PATHS], OwnTime()
    tasks = [
        asyncio.create_task(one.follow(bed.address, token, clock)) for one in watches
    ]
    ends = await _befall(ground, misfortunes, clock, say)
    disagreements = await asyncio.to_thread(wait_for_agreement, bed, INSTANCES)
    await people.leave()
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    for line in disagreements:
        say(f"  in the end: {line}")
    rows = [*_messages(people), *_services(watches, ends), _ending(disagreements)]
    report.rows.extend([*rows, _own(clock)])


async def _befall(
    ground: Ground, misfortunes: Sequence[Misfortune], clock: OwnTime, say: Say
) -> list[float]:
    """Let one happen after the other; return when each was over, by a clock."""
    began, ends = time.perf_counter(), []
    for one in misfortunes:
        await asyncio.sleep(began + one.at - time.perf_counter())
        say(f"  {one}")
        await ground.befall(one)
        ends.append(clock())
    return ends


def _messages(people: People) -> list[Row]:
    """Return what became of messages."""
    count = sum(len(one.acknowledged) for one in people.authors)
    again = sum(one.retries for one in people.authors)
    note = f"{again} times one was sent again"
    rows = [
        Row(PART, "messages acknowledged", single(count), goal=at_least(1), note=note)
    ]
    for where, found in (
        ("by number", people.by_number()),
        ("by Socket.IO", people.by_sockets()),
    ):
        figures = {
            "lost": found.lost,
            "doubled": found.doubled,
            "out of order": found.out_of_order,
        }
        rows += [
            Row(PART, f"{where}: {what}", single(number), goal=below(1))
            for what, number in figures.items()
        ]
    return rows


def _services(watches: Sequence[Watch], ends: Sequence[float]) -> list[Row]:
    """Return how soon everything was answered again."""
    rows = []
    for one in watches:
        slowest = recovery_seconds(one.outages, ends)
        if one.is_down:
            slowest = float("inf")
        note = f"{one.failed} of {one.requests} requests failed"
        name, goal = f"{one.path.partition('?')[0]} is back", below(BACK_SECONDS)
        rows.append(Row(PART, name, single(slowest), "s", goal, note))
    return rows


def _ending(found: Sequence[str]) -> Row:
    """Return on how much they do not agree in the end."""
    note = found[0] if found else "registry, load balancer and processes agree"
    return Row(PART, "disagreements", single(len(found)), goal=below(1), note=note)


def _own(clock: OwnTime) -> Row:
    """Return how busy the machine was, which the seconds above do not tell."""
    note = "seconds are its own: 100 % where nobody waits for a processor"
    return Row(
        PART, "its share of the time", single(100 * clock.share()), "%", note=note
    )
