"""A host that is lost takes nothing with it, and is back without anybody's help."""

import asyncio
import json
import time
from collections import Counter
from collections.abc import Callable, Iterator
from urllib.request import urlopen

import pytest
from conftest import Clusters
from daemons import wait_for
from hosts import Host
from people import PATIENCE_SECONDS, STEADY, Chat
from servers import Servers
from whole import are_together

from mftools.bench.http_client import Address

WAYS = ("killed", "cut off")


async def lose_each(clusters: Clusters, chat: Chat) -> None:
    """Lose each host in each way."""
    for way in WAYS:
        for one in clusters.servers:
            await lose([one], way, clusters, chat)


async def lose(lost: list[Servers], way: str, clusters: Clusters, chat: Chat) -> None:
    """Lose hosts until all have noticed, and have them back; tell how long it took."""
    begun, hosts = time.perf_counter(), clusters.network.hosts
    await all_at_once(Servers.kill if way == "killed" else cut_off, lost)
    if left := [one.host for one in clusters.servers if one not in lost]:
        await until_together(left)
        await chat.goes_on()
    back = time.perf_counter()
    await all_at_once(Servers.start if way == "killed" else reconnect, lost)
    await until_together(hosts)
    whole = time.perf_counter()
    await chat.goes_on()
    told = {"hosts": [one.host.member.name for one in lost], "way": way}
    told["seconds_without"] = round(chat.longest_gap(begun), 1)
    told["seconds_until_whole"] = round(whole - back, 1)
    print(json.dumps(told), flush=True)


def cut_off(servers: Servers) -> None:
    """Take a host's network away."""
    servers.host.cut_off()


def reconnect(servers: Servers) -> None:
    """Give it back."""
    servers.host.cut_off(is_off=False)


async def all_at_once(act: Callable[[Servers], None], some: list[Servers]) -> None:
    """Have something done to the servers of some hosts."""
    await asyncio.gather(*(asyncio.to_thread(act, one) for one in some))


async def until_together(hosts: list[Host]) -> None:
    """Return when the servers on these hosts are together, and with no others."""
    await asyncio.to_thread(wait_for, lambda: are_together(hosts), PATIENCE_SECONDS)


@pytest.fixture(scope="session")
def outcome(clusters: Clusters) -> Iterator[tuple]:
    """Lose each host in each way while people chat; return what came of it."""

    async def run() -> tuple:
        chat = Chat(Address(clusters.network.address, clusters.services.port))
        await chat.begin()
        await lose_each(clusters, chat)
        return chat, await chat.end()

    return asyncio.run(run())


def test_nothing_is_lost_doubled_or_disordered(outcome: tuple) -> None:
    _chat, (heard, damaged, contradictions) = outcome
    assert heard.acknowledged > 0
    assert (heard.lost, heard.doubled, heard.out_of_order) == (0, 0, 0)
    assert (damaged, contradictions) == ([], 0)


def test_each_request_is_answered_and_each_failure_says_try_again(
    outcome: tuple,
) -> None:
    chat, _ = outcome
    failures = Counter((one.kind, one.status) for one in chat.traffic.tally.failures)
    print(failures)
    assert {status for _kind, status in failures} <= {503}


def test_what_was_said_is_found(outcome: tuple, clusters: Clusters) -> None:
    """The index of words is a table, too, and was written all the time."""
    place = f"http://{clusters.network.address}:{clusters.services.port}"
    question = f"{place}/api/messages/search?q=author+{STEADY}+wrote&limit=500"
    with urlopen(question, timeout=PATIENCE_SECONDS) as answer:
        found = {one["id"] for one in json.load(answer)["messages"]}
    said = sorted(one.message_id for one in outcome[0].steady.acknowledged)
    # Others have said these words, too.
    assert set(said[-200:]) <= found


def test_instances_keep_their_registration(outcome: tuple, clusters: Clusters) -> None:
    assert len(clusters.services.registered()) == 5
