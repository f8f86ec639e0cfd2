"""The part "order": who posts first has the lower number, whatever befalls instances.

Authors post on three instances, each when its last message is acknowledged. Meanwhile
instances stand still and are killed at random. Everybody who reads, by the numbers or
by Socket.IO, has to get all messages in the order of their acknowledgements.
"""

import asyncio
import random
import time
from dataclasses import dataclass

from mfplatform.runtime import base
from mftools.bench import befall, users
from mftools.bench.authors import Author
from mftools.bench.bench import Bench, say
from mftools.bench.figures import below
from mftools.bench.http_client import Client
from mftools.bench.numbered import NumberedReader
from mftools.bench.order_check import examine
from mftools.bench.report import Row, single
from mftools.bench.users import MESSAGES, SOCKETS

PART = "order"
MESSAGES_IN_ALL = 10_000
AUTHORS, INSTANCES = 8, 3
READERS, LISTENERS = 2, 4
# Seconds that an instance stands still, and between two misfortunes. Each fifth of them
# is a kill.
PAUSE_SECONDS, BETWEEN_SECONDS, KILL_EACH = (0.05, 1.0), (0.1, 0.5), 5
# After that whoever still lacks something has lost it.
LATE_SECONDS = 60.0


@dataclass
class Misfortunes:
    """How often instances stood still and were killed."""

    pauses: int = 0
    kills: int = 0


def order(bench: Bench) -> None:
    """Post ten thousand messages, and compare what everybody was told."""
    service = bench.bed.service_at(MESSAGES)
    assert service is not None
    for _ in range(INSTANCES - len(bench.bed.instances(service))):
        bench.bed.mf("mfrun", service)
    names = [one["instance"] for one in bench.bed.instances(service)]
    asyncio.run(_order(bench, names))
    for name in names[1:]:
        bench.bed.mf("mfkill", name)


async def _order(bench: Bench, names: list[str]) -> None:
    address, seen = bench.bed.address, Misfortunes()
    client = Client(address)
    tokens = await users.tokens(client, AUTHORS)
    # Readers begin behind it.
    marker = await client.send_checked(users.posting(tokens)())
    client.close()
    readers = [NumberedReader(address, marker["change"]) for _ in range(READERS)]
    listeners = [NumberedReader(address, marker["change"]) for _ in range(LISTENERS)]
    for number, one in enumerate(listeners):
        await one.listen(SOCKETS, number)
    for one in readers:
        one.poll()
    say(f"  {AUTHORS} authors post {MESSAGES_IN_ALL} messages")
    misfortunes = asyncio.create_task(_befall(bench, names, seen))
    began = time.perf_counter()
    authors = [Author(address, number, token) for number, token in enumerate(tokens)]
    await asyncio.gather(*map(_write, authors))
    seconds = time.perf_counter() - began
    misfortunes.cancel()
    await asyncio.gather(misfortunes, return_exceptions=True)
    acknowledged = [one for author in authors for one in author.acknowledged]
    last = max(one.change for one in acknowledged)
    for one in (*readers, *listeners):
        await one.end(last, LATE_SECONDS)
    retries = sum(author.retries for author in authors)
    note = f"{seen.pauses} pauses, {seen.kills} kills, {retries} posts sent again"
    rate = len(acknowledged) / seconds
    bench.add(Row(PART, "messages acknowledged", single(rate), "/s", note=note))
    for where, group in (("by number", readers), ("by Socket.IO", listeners)):
        found = examine(acknowledged, [one.taken for one in group])
        note = f"{found.acknowledged} acknowledged, {found.delivered} delivered"
        figures = {
            "lost": found.lost,
            "doubled": found.doubled,
            "out of order": found.out_of_order,
        }
        bench.add(
            *(
                Row(PART, f"{where}: {what}", single(count), goal=below(1), note=note)
                for what, count in figures.items()
            )
        )


async def _write(author: Author) -> None:
    """Post an author's share."""
    for number in range(MESSAGES_IN_ALL // AUTHORS):
        await author.write(number)
    author.close()


async def _befall(bench: Bench, names: list[str], seen: Misfortunes) -> None:
    """Let one instance after the other stand still, or kill it; they come again."""
    runtime = base.create(bench.bed.home)
    while True:
        await asyncio.sleep(random.uniform(*BETWEEN_SECONDS))
        name = random.choice(names)
        if not await befall.has_process(runtime, name):
            continue
        if (seen.pauses + seen.kills) % KILL_EACH == KILL_EACH - 1:
            await befall.kill(runtime, name)
            seen.kills += 1
        else:
            seen.pauses += 1
            await befall.freeze(runtime, name, random.uniform(*PAUSE_SECONDS))
