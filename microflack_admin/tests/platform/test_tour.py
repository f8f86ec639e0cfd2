"""mftour: what it would play, how it counts and waits; nothing is started."""

import asyncio
import json
import os
import subprocess
from collections import Counter
from pathlib import Path

import pytest
from platforms import ADMIN, Platform

from mfplatform.state.home import PlatformError
from mftools.bench.http_client import Address
from mftools.bench.reconciliation import Reconciliation
from mftools.bench.tally import Failure
from mftools.bench.traffic import Rates, Traffic
from mftools.tour import plan
from mftools.tour.pause import Pauses
from mftools.tour.report import Figures, StepRow, TourReport
from mftools.tour.steps import STEPS, Release

pytest_plugins = ["platform_fixtures"]

TOLD = [release for step in STEPS for release in step.releases]
NO_LOSS = Reconciliation(5, 5, 0, 0, 0)


def history(**more: str) -> plan.History:
    """Return a history of what is told, and some releases more."""
    known: plan.History = {}
    for one in (*TOLD, *(Release(name, number) for name, number in more.items())):
        known.setdefault(one.service, {})[one.number] = "a commit"
    return known


def test_everything_that_is_told_has_been_released() -> None:
    known = plan.history(ADMIN.parent)
    assert [step.name for step in plan.steps(known)][: len(STEPS)] == [
        step.name for step in STEPS
    ]
    for service, releases in known.items():
        told = [one.number for one in TOLD if one.service == service]
        assert told == sorted(told, key=float)
        # The history has them in the same order.
        assert [number for number in reversed(releases) if number in told] == told


def test_without_anything_newer_there_is_no_last_step() -> None:
    assert plan.steps(history()) == list(STEPS)


def test_the_last_step_takes_everything_to_its_newest_release() -> None:
    known = history(ui="3", users="10", rooms="1", messages="5")
    known["users"]["9"] = "a commit"
    today = plan.steps(known)[-1]
    names = [str(release) for release in today.releases]
    assert names == ["rooms 1", "users 10", "messages 5", "ui 3"]


def test_a_history_that_is_cut_off_is_refused() -> None:
    known = history()
    del known["tokens"]["1"]
    with pytest.raises(PlatformError, match=r"tokens 1.*git fetch --unshallow"):
        plan.steps(known)


def test_a_checkout_without_history_is_refused(fresh: Platform) -> None:
    home = fresh.home / "tour"
    home.mkdir()
    for name in ("tools", "wheelhouse"):
        (home / name).symlink_to((fresh.home / name).resolve())
    result = fresh.mf("mftour")
    assert (result.returncode, result.stdout) == (1, "")
    assert "history lacks releases that the tour plays: ui 1, users 1" in result.stderr
    assert not (home / "settings.env").exists()


@pytest.mark.parametrize("argument", ["--fast", "v0.1", "-x"])
def test_a_wrong_call_is_refused(fresh: Platform, argument: str) -> None:
    result = fresh.mf("mftour", "--json", argument)
    assert (result.returncode, result.stdout) == (2, "")
    assert "Usage: mftour" in result.stderr


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.name)
def test_commands_to_try_are_sound(step: plan.Step) -> None:
    script = "\n".join(step.commands)
    subprocess.run(["bash", "-n"], input=script, text=True, check=True)
    for command in step.commands:
        word = command.split()[0]
        known = word.startswith(("curl", "TOKEN="))
        assert known or (ADMIN / "bin" / word).exists()


def row(step: str, **figures: object) -> StepRow:
    """Return a row of the report."""
    requests = Counter({"GET": 20, "login": 2})
    return StepRow(step, ("users 1",), 4.2, Figures(requests, **figures))


def test_the_table_shows_each_step_and_all_together() -> None:
    report = TourReport(
        [row("v0.1"), row("v1.0", acknowledged=5, stored=NO_LOSS, gap_seconds=0.5)]
    )
    lines = report.table().splitlines()
    assert lines[1].split() == ["v0.1", "22", "0", "0", "ms", "4", "s"]
    total = ["in", "all", "44", "0", "0", "ms", "5", "0", "0", "0.50", "s", "8", "s"]
    assert lines[-1].split() == total
    assert report.good


def test_nothing_that_went_wrong_is_good() -> None:
    failed = row("v0.5", failures=[Failure("GET", 503, 1.0), Failure("GET", 0, 1.0)])
    lost = row("v0.5", acknowledged=5, stored=Reconciliation(5, 4, 1, 0, 0))
    doubled = row("v0.5", acknowledged=5, stored=Reconciliation(5, 5, 0, 1, 0))
    damaged = row("today", damaged=["/api/rooms/2/files/x"])
    for bad in (failed, lost, doubled, damaged):
        assert not TourReport([bad]).good
        assert not json.loads(TourReport([row("v0.4"), bad]).json())["good"]
    assert not TourReport([row("v0.4")], Reconciliation(9, 9, 0, 0, 1)).good
    assert "1 x GET: answered 503" in failed.figures.sentences()
    assert "1 x GET: no answer" in failed.figures.sentences()
    said = "files lost or damaged: /api/rooms/2/files/x"
    assert said in damaged.figures.sentences()
    assert "5 until now, read back: 1 lost, 0 doubled" in lost.figures.sentences()[-1]


def test_the_document_holds_every_figure() -> None:
    report = TourReport(
        [row("v1.0", acknowledged=5, stored=NO_LOSS, gap_seconds=0.5)], NO_LOSS
    )
    document = json.loads(report.json())
    (step,) = document["steps"]
    assert (step["step"], step["releases"]) == ("v1.0", ["users 1"])
    assert (step["requests"], step["failed"]) == ({"GET": 20, "login": 2}, 0)
    assert (step["acknowledged"], step["lost"], step["doubled"]) == (5, 0, 0)
    assert (step["longest_gap"], step["damaged_files"]) == (0.5, [])
    assert document["listeners"]["delivered"] == 5


async def entered(pauses: Pauses, times: int) -> None:
    """Wait for Enter so many times; never for ever."""
    for _ in range(times):
        await asyncio.wait_for(pauses.enter(), 10)


def test_each_line_ends_one_pause() -> None:
    read, write = os.pipe()
    os.write(write, b"\nyes\n")
    pauses = Pauses(True, read)
    asyncio.run(entered(pauses, 2))
    assert pauses.wanted
    os.close(write)
    asyncio.run(entered(pauses, 1))
    assert not pauses.wanted
    os.close(read)


@pytest.mark.parametrize("source", ["/dev/null", "empty"])
def test_nobody_there_means_no_pause(
    tmp_path: Path, source: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / source
    if source == "empty":
        path.touch()
    with path.open() as file:
        pauses = Pauses(True, file.fileno())
        asyncio.run(entered(pauses, 1))
    assert not pauses.wanted
    assert "nobody can press Enter" in capsys.readouterr().err


def test_a_request_counts_where_it_was_sent() -> None:
    asyncio.run(count_in_two_turns())


async def count_in_two_turns() -> None:
    """Read from a server that answers only when it is told to."""
    answer, asked = asyncio.Event(), asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while await reader.readuntil(b"\r\n\r\n"):
            asked.set()
            await answer.wait()
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    traffic = Traffic(Address(*server.sockets[0].getsockname()), Rates(reads=0.001))
    traffic.read("/")
    await asyncio.wait_for(asked.wait(), 10)
    first = asyncio.create_task(traffic.take())
    await asyncio.sleep(0)
    assert not first.done()
    answer.set()
    assert (await asyncio.wait_for(first, 10)).requests == {"GET": 1}
    assert (await traffic.stop()).requests == {}
    server.close()
