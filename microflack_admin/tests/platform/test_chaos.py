"""mfchaos: what it would do, and with what; how it counts and is called."""

import asyncio
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from platforms import Platform

from mfplatform.state.home import Home, PlatformError
from mftools.bench.http_client import Address, Answer, Client, Connection, request
from mftools.chaos.agreement import disagreements
from mftools.chaos.lines import Line
from mftools.chaos.outages import Outage, Watch, recovery_seconds
from mftools.chaos.own_time import OwnTime
from mftools.chaos.plan import KINDS, SECONDS, Misfortune, plan
from mftools.chaos.small_disk import SmallDisk, can_be_had
from mftools.chaos.targets import check_reach

pytest_plugins = ["platform_fixtures"]

NAMES = ["redis", "users-1", "users-2"]
TARGETS = {"kill": NAMES, "freeze": NAMES, "cut": ["users-2"], "fill": ["disk"]}


def test_a_seed_says_all_that_happens() -> None:
    other_order = {kind: TARGETS[kind][::-1] for kind in reversed(TARGETS)}
    assert plan(7, 600, TARGETS) == plan(7, 600, other_order)
    assert plan(7, 600, TARGETS) != plan(8, 600, TARGETS)


def test_there_is_one_misfortune_at_a_time_and_none_when_the_time_is_over() -> None:
    found = plan(1, 3600, TARGETS)
    for kind in KINDS:
        assert {one.target for one in found if one.kind == kind} == set(TARGETS[kind])
    for before, after in pairwise(found):
        assert before.at + before.seconds < after.at
    assert found[-1].at < 3600
    for kind, (least, most) in SECONDS.items():
        long = [one.seconds for one in found if one.kind == kind]
        assert least <= min(long) and max(long) <= most


def test_a_kind_that_can_befall_nothing_does_not_happen() -> None:
    found = plan(1, 600, TARGETS | {"fill": [], "cut": []})
    assert {one.kind for one in found} == {"kill", "freeze"}
    with pytest.raises(ValueError, match="nothing is left"):
        plan(1, 600, {})


def test_a_line_that_is_cut_keeps_what_is_sent_until_it_is_mended() -> None:
    asyncio.run(cut_and_mend())


async def cut_and_mend() -> None:
    arrived = asyncio.Event()

    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(100):
            arrived.set()
            writer.write(data)
        writer.close()

    async with await asyncio.start_server(echo, "127.0.0.1", 0) as server:
        port = str(server.sockets[0].getsockname()[1])
        line = Line("127.0.0.1")
        given = {"ETCD": f"http://a:b@127.0.0.1:{port}", "LB": "http://127.0.0.1:1"}
        led = await line.lead(given, [port])
        assert list(led) == ["ETCD"] and led["ETCD"] != given["ETCD"]
        before = await connect(led["ETCD"])
        assert await said(before, b"one") == b"one"
        arrived.clear()
        line.cut()
        new = await connect(led["ETCD"])
        answers = [asyncio.create_task(said(one, b"two")) for one in (before, new)]
        # Whatever could get through has had its turn, many times.
        for _ in range(1000):
            await asyncio.sleep(0)
        assert not arrived.is_set() and not any(one.done() for one in answers)
        line.mend()
        assert await asyncio.gather(*answers) == [b"two", b"two"]
        before[1].close()
        await line.close()
        # The other end is told, too.
        assert await new[0].read() == b""
        new[1].close()


Ends = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def connect(url: str) -> Ends:
    return await asyncio.open_connection("127.0.0.1", int(url.rpartition(":")[2]))


async def said(ends: Ends, word: bytes) -> bytes:
    """Say a word; return the answer."""
    ends[1].write(word)
    return await ends[0].read(100)


@pytest.mark.skipif(not can_be_had(), reason="a file system is mounted by root")
def test_a_small_disk_is_full_for_a_while(tmp_path: Path) -> None:
    disk, file = SmallDisk(tmp_path / "disk", 2**22), tmp_path / "disk" / "file"
    disk.mount()
    try:
        disk.fill()
        with pytest.raises(OSError, match="No space left"):
            file.write_bytes(b"x" * 2**16)
        disk.clear()
        file.write_bytes(b"x" * 2**16)
        # As after a run that was killed.
        disk.mount()
        assert not file.exists()
    finally:
        disk.unmount()
    assert not disk.is_mounted
    disk.unmount()


def test_a_misfortune_is_a_line_of_the_story() -> None:
    assert (
        str(Misfortune(3.5, "freeze", "redis", 2.0))
        == "   3.5 s  freeze redis for 2.0 s"
    )
    assert str(Misfortune(12.25, "kill", "ui-1")) == "  12.2 s  kill ui-1"


RECOVERIES = {
    "nothing failed": ([], [1.0], 0.0),
    "while it stood still, nobody could serve": ([Outage(1, 9)], [8.0], 1.0),
    "after a kill": ([Outage(1.2, 4)], [1.0], 2.8),
    "with another one meanwhile": ([Outage(1, 9)], [2.0, 8.5], 0.5),
    "without a reason": ([Outage(1, 3)], [], 2.0),
    "the worst counts": ([Outage(1, 2), Outage(5, 9)], [1.0, 5.0], 4.0),
}


@pytest.mark.parametrize(
    ("outages", "ends", "wanted"), RECOVERIES.values(), ids=RECOVERIES
)
def test_how_soon_it_is_back(
    outages: list[Outage], ends: list[float], wanted: float
) -> None:
    assert recovery_seconds(outages, ends) == pytest.approx(wanted)


def test_an_outage_is_from_the_first_failure_to_the_first_answer() -> None:
    watch = Watch("/")
    for asked, is_success in enumerate((True, False, False, True, False)):
        watch.note(asked, asked + 0.5, is_success)
    assert watch.outages == [Outage(1, 3.5)]
    assert watch.is_down and (watch.requests, watch.failed) == (5, 3)


def test_seconds_that_others_have_taken_do_not_count() -> None:
    now = 100.0
    own = OwnTime(measure=lambda: 4.0, clock=lambda: now)
    began = own()
    now += 8
    assert own() - began == pytest.approx(2)
    assert own.share() == pytest.approx(0.25)


def test_who_asks_for_ever_ends_when_told_to_as_an_answer_comes() -> None:
    asyncio.run(end_as_an_answer_comes())


async def end_as_an_answer_comes() -> None:
    asking: asyncio.Task[Answer]
    is_over = asyncio.Event()

    class Ending(Client):
        def _answered(self, connection: Connection, answer: Answer) -> None:
            super()._answered(connection, answer)
            asking.cancel()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        await reader.read()
        writer.close()
        await writer.wait_closed()
        is_over.set()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        client = Ending(Address(*server.sockets[0].getsockname()))
        asking = asyncio.create_task(client.send(request("GET", "/")))
        with pytest.raises(asyncio.CancelledError):
            await asking
        client.close()
        await is_over.wait()


def instance(name: str, **fields: Any) -> dict[str, Any]:
    service = name.partition("-")[0]
    good = {"service": service, "instance": name, "health": "ready", "routed": "ready"}
    return good | fields


def test_it_does_not_begin_where_an_instance_is_out_of_reach(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.record(HOST_IP_ADDRESS="10.0.0.1")

    class Spread:
        def host_of(self, name: str) -> str:
            return {"users-1": "10.0.0.1", "users-2": "10.0.0.2"}[name]

    check_reach(home, Spread(), ["users-1"])
    with pytest.raises(
        PlatformError, match=r"users-2 runs on another host, 10\.0\.0\.2"
    ):
        check_reach(home, Spread(), ["users-1", "users-2"])


RUNNING = [{"name": "redis", "state": "running"}]
PAIR = [instance("users-1"), instance("users-2")]
ENDINGS = {
    "all is well": (RUNNING, PAIR, {"users-1", "users-2"}, []),
    "a part": (
        [{"name": "redis", "state": "starting"}],
        PAIR,
        {"users-1", "users-2"},
        ["redis is starting"],
    ),
    "an instance that the load balancer leaves out": (
        RUNNING,
        [PAIR[0], instance("users-2", routed="down")],
        {"users-1", "users-2"},
        ["users-2 is ready, for the load balancer down"],
    ),
    "one that does not register": (
        RUNNING,
        PAIR,
        {"users-1"},
        ["users-2 is not in the registry"],
    ),
    "one that is gone and registered": (
        RUNNING,
        PAIR[:1],
        {"users-1", "users-2"},
        ["users-2 is registered and unknown", "there are 1 instances of users, not 2"],
    ),
}


@pytest.mark.parametrize(
    ("parts", "instances", "registered", "wanted"), ENDINGS.values(), ids=ENDINGS
)
def test_on_what_they_do_not_agree(
    parts: list[dict[str, Any]],
    instances: list[dict[str, Any]],
    registered: set[str],
    wanted: list[str],
) -> None:
    status = {"parts": parts, "instances": instances}
    assert disagreements(status, registered, 2) == wanted


@pytest.mark.parametrize(
    "arguments",
    [
        ["--minutes"],
        ["--minutes", "0"],
        ["--minutes", "ten"],
        ["--seed", "-1"],
        ["--seed", "x"],
        ["--without", "kill,"],
        ["--without", "nothing"],
        ["everything"],
    ],
)
def test_wrong_use_starts_nothing(fresh: Platform, arguments: list[str]) -> None:
    result = fresh.mf("mfchaos", *arguments)
    assert (result.returncode, result.stdout) == (2, "")
    assert "Usage: mfchaos" in result.stderr


def test_a_dry_run_tells_what_a_seed_means(fresh: Platform) -> None:
    home = fresh.home / "chaos"
    home.mkdir()
    for name in ("tools", "wheelhouse"):
        (home / name).symlink_to((fresh.home / name).resolve())
    told = fresh.done("mfchaos", "--dry-run", "--minutes", "10", "--seed", "5")
    happens = {tuple(line.split()[2:4]) for line in told.splitlines()}
    # The checkout of this platform has services of its own.
    names = {name for _, name in happens}
    assert {"mariadb", "renderer", "echo-2"} <= names
    assert ("cut", "echo-3") in happens
    assert (("fill", "disk") in happens) == can_be_had()
    short = fresh.done("mfchaos", "--dry-run", "--without", "kill,cut,fill")
    assert {line.split()[2] for line in short.splitlines()} == {"freeze"}
    assert told == fresh.done("mfchaos", "--dry-run", "--seed", "5")
    assert not (home / "settings.env").exists()
