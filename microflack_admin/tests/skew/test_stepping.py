"""An operator types one command where release 6 of messages runs, while people chat."""

import asyncio

from conftest import NEWEST, known_releases

from mftools.bench import followers, users
from mftools.bench.follower import Follower
from mftools.bench.http_client import Address, Client
from mftools.bench.reconciliation import Reconciliation, reconcile
from mftools.bench.traffic import Traffic
from mftools.bench.users import MESSAGES, SOCKETS

AUTHORS, LISTENERS = 8, 10
PAUSE_SECONDS = 2


def test_a_roll_that_leads_over_a_release_between_loses_nothing(platform):
    platform.mix(dict.fromkeys(known_releases(), NEWEST) | {"messages": "6"})
    platform.run("mfrun", "messages", "6")
    asyncio.run(roll_while_people_chat(platform))
    platform.running["messages"] = NEWEST
    told = platform.run("mfupgrade", "history", "messages").stdout.splitlines()
    steps = [row.split()[4:8] for row in told[-2:]]
    (newest,) = {one["version"] for one in platform.instances("messages")}
    assert steps == [["6", "7", "roll", "rolled"], ["7", newest, "roll", "rolled"]]


async def roll_while_people_chat(platform):
    address = Address("127.0.0.1", int(platform.environ["MF_PORT"]))
    tokens = await users.tokens(Client(address), AUTHORS)
    listeners = await followers.connect_all(address, SOCKETS, LISTENERS, print)
    # It reads everything at the end, which is what is stored.
    reader = Follower(address, SOCKETS, LISTENERS)
    traffic = Traffic(address)
    traffic.read(MESSAGES, f"{MESSAGES}?limit=10", f"{MESSAGES}?after=0")
    traffic.write(tokens)
    try:
        await asyncio.sleep(PAUSE_SECONDS)
        rolled = await asyncio.to_thread(platform.run, "mfupgrade", "roll", "messages")
        await asyncio.sleep(PAUSE_SECONDS)
    finally:
        tally = await traffic.stop()
        await asyncio.gather(*(one.stop() for one in (*listeners, reader)))
    assert "so it is reached by steps: 6 -> 7 -> " in rolled.stderr
    assert tally.failures == []
    count = len(tally.acknowledged)
    assert count > 10 * AUTHORS
    for clients in ([reader], listeners):
        received = [one.received for one in clients]
        assert reconcile(tally.acknowledged, received) == Reconciliation(
            count, count * len(clients), lost=0, doubled=0, out_of_order=0
        )
