"""The part "scale": does a request cost more when more is stored?"""

import asyncio
import time
from collections.abc import Callable, Sequence

from mfplatform.state.home import PlatformError
from mftools.bench import fill_table, interleave, usage, users
from mftools.bench.api_load import AUTHORS, getting, service_pids
from mftools.bench.bench import Bench, say
from mftools.bench.figures import Spread, below, formatted
from mftools.bench.http_client import Client
from mftools.bench.interleave import Samples, Subject
from mftools.bench.load import Sample
from mftools.bench.report import Row, single
from mftools.bench.users import MESSAGES, TOKENS, USERS

# How many are stored at first, and in the end. Few is already more than a list holds.
FEW = {MESSAGES: 1_000, USERS: 1_000}
MANY = {MESSAGES: 100_000, USERS: 10_000}
ROUNDS = 3
# A request costs the same, give or take the noise of a measurement.
MOST_COST_RATIO = 1.25
# After a table was filled the database tidies up, and the service numbers the new
# messages: how long to wait for that, and the share of a core below which it is done.
SETTLE_TIMEOUT_SECONDS = 180.0
IDLE_CPU_SHARE = 0.1
# The service looks every two seconds for what it was not told of.
SETTLE_WINDOW_SECONDS = 3.0


def scale(bench: Bench) -> None:
    """Compare what requests cost with few and with many messages and users stored."""
    asyncio.run(_scale(bench))


async def _scale(bench: Bench) -> None:
    client = Client(bench.bed.address)
    tokens = await users.tokens(client, AUTHORS)
    # The one that is copied has never been online: nobody has to be set offline.
    await users.register(client, AUTHORS + 1)
    first = await client.send_checked(users.posting(tokens)())
    client.close()
    rounds, seconds = min(ROUNDS, bench.rounds), bench.seconds / 2
    found = []
    for stage in (FEW, MANY):
        _fill(bench, stage)
        subjects = _subjects(bench, first["updated_at"], stage[MESSAGES] // 2, tokens)
        found.append(
            await interleave.measure_in_turns(
                bench.bed.address, subjects, rounds, seconds
            )
        )
    for one in subjects:
        bench.add(_compared(one.name, *found))


def _fill(bench: Bench, stage: dict[str, int]) -> None:
    busy = list(bench.bed.pids()["mariadb"])
    for path, rows in stage.items():
        busy += service_pids(bench, path)
        name = bench.bed.service_at(path)
        if name is None:
            raise PlatformError(f"nothing is routed at {path}")
        say(f"  filling up to {rows} {name}")
        fill_table.fill(bench.bed.home, name, path.rsplit("/", 1)[1], rows)
    _settle(busy)


def _settle(pids: Sequence[int]) -> None:
    deadline = time.monotonic() + SETTLE_TIMEOUT_SECONDS
    while time.monotonic() < deadline:
        before = usage.cpu_seconds(pids)
        time.sleep(SETTLE_WINDOW_SECONDS)
        if usage.cpu_seconds(pids) - before < IDLE_CPU_SHARE * SETTLE_WINDOW_SECONDS:
            break


def _subjects(
    bench: Bench, since: int, middle: int, tokens: list[str]
) -> list[Subject]:
    database = bench.bed.pids()["mariadb"]
    messages, accounts = (
        [*service_pids(bench, path), *database] for path in (MESSAGES, USERS)
    )
    old = f"{MESSAGES}?before_id={middle}&limit=100"
    changed = f"{MESSAGES}?updated_since={since}"
    return [
        Subject(f"GET {MESSAGES}", getting(MESSAGES), messages),
        Subject(f"GET {MESSAGES}?before_id=...", getting(old), messages),
        Subject(f"GET {MESSAGES}?updated_since=...", getting(changed), messages),
        Subject(f"GET {USERS}", getting(USERS), accounts),
        Subject(f"GET {USERS}/1", getting(f"{USERS}/1"), accounts),
        Subject(f"POST {MESSAGES}", users.posting(tokens), messages),
        Subject(f"POST {TOKENS}", lambda: users.login(0), accounts),
    ]


def _compared(name: str, few: Samples, many: Samples) -> Row:
    """Say by how much more CPU of service and database a request costs.

    Not by how much slower it is: the machine's own speed changes in the meantime.
    """
    costs = [
        _middle(stage[name], lambda one: one.cpu_ms("server")) for stage in (few, many)
    ]
    rates = [_middle(stage[name], lambda one: one.rate) for stage in (few, many)]
    return Row(
        "scale",
        f"{name}: cost with much stored, of that with little",
        single(costs[1] / costs[0] if costs[0] else 0.0),
        goal=below(MOST_COST_RATIO),
        note=f"CPU {formatted(costs[0])} and {formatted(costs[1])} ms, "
        f"{formatted(rates[0])} and {formatted(rates[1])} /s",
        details={"stored": [FEW, MANY], "cpu_ms": costs, "rates": rates},
    )


def _middle(samples: Sequence[Sample], figure: Callable[[Sample], float]) -> float:
    return Spread.of([figure(one) for one in samples]).middle
