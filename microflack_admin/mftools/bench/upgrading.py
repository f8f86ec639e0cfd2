"""The part "upgrade": all services are upgraded while people chat."""

import asyncio
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from mfplatform.packaging import sources
from mfplatform.runtime import base
from mfplatform.state.home import Home, PlatformError
from mftools.bench import baseline, busy, followers, upgrade_rows, users
from mftools.bench.bench import Bench, say
from mftools.bench.follower import Follower
from mftools.bench.http_client import Client
from mftools.bench.private_room import PrivateRoom
from mftools.bench.report import Row, single
from mftools.bench.traffic import Traffic
from mftools.bench.upgrade_rows import Roll
from mftools.bench.users import MESSAGES, SOCKETS, USERS

PART, STARVED_PART = "upgrade", "upgrade on a starved machine"
COMMAND = "mfupgrade"
# The tag of the images that are rolled out.
AGAIN = "again"
LISTENERS, ROOM_LISTENERS = 30, 5
AUTHORS = 8
READ_PATHS = ("/", MESSAGES, USERS, f"{USERS}/1", f"{MESSAGES}?limit=10")
# Traffic goes on for that long before, between and after the upgrades.
PAUSE_SECONDS = 2.0
# After that an old process of HAProxy has ended the WebSockets that it still held, and
# their clients have connected again.
OLD_PROCESS_SECONDS = 35.0
# What a machine with nothing else to do keeps. A starved one takes the time it takes.
ROLL_SECONDS, GAP_SECONDS = 25.0, 3.0


def upgrade(bench: Bench) -> None:
    """Roll every service, two instances each, then let HAProxy load anew."""
    if not (Path(os.environ["MF_ADMIN"]) / "bin" / COMMAND).exists():
        bench.report.skipped[PART] = f"there is no {COMMAND} here"
        return
    services = _two_of_each(bench)
    with _reloading(bench) as reload:
        asyncio.run(_upgrade(bench, services, reload))


def _build_again(home: Home, service: str) -> None:
    """Make another image of a service as it is: one that differs in a comment."""
    admin, name = Path(os.environ["MF_ADMIN"]), f"microflack_{service}"
    with TemporaryDirectory() as folder:
        copy = Path(folder) / service
        sources.export_tree(admin.parent / name, copy)
        (copy / name / "again.py").write_text('"""The same once more."""\n')
        base.create(home).build(service, copy, [AGAIN])


def _two_of_each(bench: Bench) -> list[str]:
    services = sorted({one["service"] for one in bench.bed.status()["instances"]})
    for service in services:
        say(f"  building {service} again")
        _build_again(bench.bed.home, service)
    say("  two instances of each")
    bench.bed.have_instances(2)
    return services


@contextmanager
def _reloading(bench: Bench) -> Iterator[baseline.Server]:
    """Have a server that is not routed yet: to route it needs a new configuration."""
    with baseline.serving(bench.bed, baseline.HELLO) as servers:
        server = servers[baseline.HELLO.name]
        baseline.unregister(bench.bed, server)
        yield server


async def _upgrade(bench: Bench, services: list[str], reload: baseline.Server) -> None:
    address = bench.bed.address
    client = Client(address)
    tokens = await users.tokens(client, AUTHORS)
    room = await PrivateRoom.open(address, tokens)
    clients = await followers.connect_all(address, SOCKETS, LISTENERS, say)
    members = await followers.connect_all(address, SOCKETS, ROOM_LISTENERS, say, room)
    # It reads everything at the end, which is what is stored.
    reader = Follower(address, SOCKETS, LISTENERS)
    traffic = Traffic(address)
    traffic.read(*READ_PATHS)
    traffic.sign_in(tokens)
    traffic.write()
    traffic.write_in(room)
    count = busy.process_count() if bench.starved else 0
    try:
        with busy.beside(count):
            await asyncio.sleep(PAUSE_SECONDS)
            rolls = [await _roll(bench, service) for service in services]
            await _reload(bench, reload)
    finally:
        tally = await traffic.stop()
        # The last events are still on their way.
        await asyncio.sleep(PAUSE_SECONDS)
        await asyncio.gather(*(one.stop() for one in (*clients, *members, reader)))
        client.close()
    part = STARVED_PART if bench.starved else PART
    roll_seconds = None if bench.starved else ROLL_SECONDS
    gap_seconds = None if bench.starved else GAP_SECONDS
    bench.add(
        *upgrade_rows.rolls(part, rolls, roll_seconds),
        *upgrade_rows.requests(part, tally),
        *upgrade_rows.messages(part, "stored", tally.acknowledged, [reader.received]),
        *upgrade_rows.messages(
            part,
            f"with {LISTENERS} clients",
            tally.acknowledged,
            [one.received for one in clients],
        ),
        *await _in_room(part, room, members),
        upgrade_rows.gaps(part, [*clients, *members], gap_seconds),
    )
    if bench.starved:
        bench.add(Row(part, "busy processes beside it", single(count)))


async def _in_room(
    part: str, room: PrivateRoom, members: Sequence[Follower]
) -> list[Row]:
    """Return what became of what was said and sent in a private room."""
    clients = [await room.stored(), *(one.received for one in members)]
    where = f"in a private room, stored and with {len(members)} clients"
    damaged = await room.damaged()
    room.close()
    return [
        *upgrade_rows.messages(part, where, room.acknowledged, clients),
        upgrade_rows.files(part, len(room.files), damaged),
    ]


async def _roll(bench: Bench, service: str) -> Roll:
    """Replace the instances of a service; return what came of it."""
    say(f"  rolling {service}")
    began, problem = time.perf_counter(), ""
    try:
        await asyncio.to_thread(bench.bed.mf, COMMAND, "roll", service, AGAIN)
    except PlatformError as error:
        problem = str(error)
        say(f"  {problem}")
    seconds = time.perf_counter() - began
    await asyncio.sleep(PAUSE_SECONDS)
    return Roll(service, seconds, problem)


async def _reload(bench: Bench, server: baseline.Server) -> None:
    say("  loading HAProxy's configuration anew, twice")
    await asyncio.to_thread(baseline.register, bench.bed, server)
    await asyncio.to_thread(baseline.wait_until_routed, bench.bed, server)
    await asyncio.sleep(PAUSE_SECONDS)
    await asyncio.to_thread(baseline.unregister, bench.bed, server)
    await asyncio.sleep(OLD_PROCESS_SECONDS)
