"""The part "autoscale": the caretaker has more instances as the load grows, or fewer.

Each instance is held to a part of a core, so that one is not enough on any machine.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field

from mfplatform.runtime import base
from mfplatform.state import lb_state
from mfplatform.state.home import PlatformError
from mftools.bench import cpu_limit, paced, users
from mftools.bench.api_load import AUTHORS, LIST_SIZE, getting
from mftools.bench.bench import Bench, say
from mftools.bench.figures import below
from mftools.bench.http_client import Client
from mftools.bench.paced import Paced
from mftools.bench.report import Row, single
from mftools.bench.users import MESSAGES
from microflack_common.registry import RegistryError

PART = "autoscale"
# Requests a second.
LOW, HIGH = 20, 300
LEAST, MOST = 1, 5
LOW_SECONDS, HIGH_SECONDS = 20.0, 90.0
# One answers half of HIGH with it.
SHARE = 0.15
# From here on answers have to be quick again, and the instances gone.
REACTION_SECONDS, DOWN_SECONDS = 20.0, 300.0
# After that nobody waits any more for them to go.
MOST_DOWN_SECONDS = 420.0
MOST_P95_MS = 500
WINDOW_SECONDS = 5.0
CONNECTIONS = 256


@dataclass
class Seen:
    """How many instances got requests: each number with when it began to be so."""

    changes: list[tuple[float, int]] = field(default_factory=list)

    def note(self, number: int, now: float) -> None:
        """Remember a number, if it is another one."""
        if not self.changes or self.changes[-1][1] != number:
            self.changes.append((now, number))

    @property
    def last(self) -> int:
        """How many there are now."""
        return self.changes[-1][1] if self.changes else 0

    def first(self, is_met: Callable[[int], bool], since: float) -> float:
        """Return when their number first met something; infinity if it never did."""
        found = [at for at, there in self.changes if is_met(there) and at >= since]
        return min(found, default=float("inf"))


def autoscale(bench: Bench) -> None:
    """Have the load grow and fall; tell how soon instances come and go."""
    service = bench.bed.service_at(MESSAGES)
    assert service is not None
    bench.bed.mf("mfscale", service, f"{LEAST}-{MOST}")
    try:
        with cpu_limit.holder(SHARE) as hold:
            asyncio.run(_run(bench, service, hold))
    except OSError as error:
        bench.report.skipped[PART] = f"nothing here holds processes ({error})"
    finally:
        bench.bed.mf("mfscale", "--forget", service)


async def _run(bench: Bench, service: str, hold: Callable[[int], None]) -> None:
    client = Client(bench.bed.address, CONNECTIONS)
    post = users.posting(await users.tokens(client, AUTHORS))
    await asyncio.gather(*(client.send_checked(post()) for _ in range(LIST_SIZE)))
    seen = Seen()
    looking = asyncio.create_task(_look(bench, service, hold, seen))
    try:
        await _phases(bench, client, seen)
    finally:
        looking.cancel()
        with suppress(asyncio.CancelledError):
            await looking
        client.close()


async def _look(
    bench: Bench, service: str, hold: Callable[[int], None], seen: Seen
) -> None:
    """Note each second how many get requests, and hold those that are new."""
    runtime, held = base.create(bench.bed.home), set[int]()
    while True:
        with suppress(PlatformError, RegistryError):
            balancer, _ = await asyncio.to_thread(lb_state.read, bench.bed.registry)
            names = [
                name
                for name, one in balancer.services[service]["instances"].items()
                if one["state"] == "ready"
            ]
            states = await asyncio.to_thread(runtime.states)
            pids = {pid for name in names if (pid := states[name]["pid"])}
            for pid in pids - held:
                hold(pid)
            held |= pids
            seen.note(len(names), time.monotonic())
        await asyncio.sleep(1)


async def _phases(bench: Bench, client: Client, seen: Seen) -> None:
    request = getting(MESSAGES)

    def pace(rate: int, is_over: Callable[[], bool]) -> Awaitable[list[Paced]]:
        say(f"  {rate} requests a second, {seen.last} instances")
        return paced.send(client, request, rate, is_over)

    answers = await pace(LOW, _after(LOW_SECONDS))
    grown = time.monotonic()
    answers += await pace(HIGH, _after(HIGH_SECONDS))
    too_late = _after(MOST_DOWN_SECONDS)
    answers += await pace(LOW, lambda: seen.last <= LEAST or too_late())
    bench.add(*_rows(answers, seen, grown))


def _after(seconds: float) -> Callable[[], bool]:
    end = time.monotonic() + seconds
    return lambda: time.monotonic() >= end


def _rows(answers: list[Paced], seen: Seen, grown: float) -> list[Row]:
    # Sent, that is: the last answers may have come later.
    fallen = grown + HIGH_SECONDS
    more = seen.first(lambda number: number > LEAST, grown)
    fewest = seen.first(lambda number: number <= LEAST, fallen)
    story = ", ".join(f"{number} at {at - grown:.0f} s" for at, number in seen.changes)
    early = [one for one in answers if grown <= one.due < grown + REACTION_SECONDS]
    failed = sum(not one.is_success for one in answers)
    late = paced.worst_p95(answers, grown + REACTION_SECONDS, WINDOW_SECONDS)
    first = paced.worst_p95(early, grown, WINDOW_SECONDS)
    return [
        _row("requests that failed", failed, "", 1, f"of {len(answers)}"),
        _row("more than one instance after", more - grown, "s", None, story),
        _row("p95 of five seconds, first 20 s, highest", first * 1000, "ms", None),
        _row("the same, from then on", late * 1000, "ms", MOST_P95_MS),
        _row("one again after", fewest - fallen, "s", DOWN_SECONDS),
    ]


def _row(what: str, value: float, unit: str, most: float | None, note: str = "") -> Row:
    name = f"GET {MESSAGES}, {LOW} to {HIGH} and {LOW} requests/s: {what}"
    goal = None if most is None else below(most)
    return Row(PART, name, single(value), unit, goal, note)
