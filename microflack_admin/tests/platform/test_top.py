"""mftop: what it makes of counts, what its screen shows, and a look at a platform."""

import asyncio
import json
import os
import pty
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from daemons import wait_for
from platforms import ADMIN, Platform
from textual.widgets import DataTable, Static

from mfplatform.balancer.latency_buckets import BUCKETS_MS
from mfplatform.state.home import PlatformError
from mfplatform.top.figures import Rates, milliseconds, per_second, rates, sparkline
from mfplatform.top.look import Look, ServiceRow
from mfplatform.top.screen import Screen, cells, headline
from mfplatform.upgrade.compare import Counts

pytest_plugins = ["platform_fixtures"]

URL = "http://127.0.0.1"
USERS = ServiceRow(
    *("users", ("9", "10"), ("users-1", "users-2"), 1, 3),
    Rates(12.5, 0.5, 7.25),
    (0.0, 6.25, 12.5),
)
UI = ServiceRow("ui", ("7",), ("ui-1",), 1, 0, Rates(), (0.0,))


def counts(requests: int, errors: int = 0, quick: int = 0, slow: int = 0) -> Counts:
    times = [0] * (len(BUCKETS_MS) + 1)
    times[0], times[BUCKETS_MS.index(100)] = quick, slow
    return Counts(requests, errors, tuple(times))


def test_rates_are_what_was_added_by_the_second() -> None:
    before = {"users-1": counts(100, 1, quick=100)}
    now = {"users-1": counts(140, 3, quick=101, slow=39), "users-2": counts(9)}
    found = rates(before, now, 2)
    assert (found.requests, found.errors) == (20, 1)
    assert found.p95_ms is not None and 70 < found.p95_ms <= 100
    assert rates({}, now, 2) == Rates()
    assert rates(before, now, 0) == Rates()


def test_a_load_balancer_that_counts_anew_has_no_negative_rates() -> None:
    found = rates({"a": counts(100, 5)}, {"a": counts(10, 1)}, 1)
    assert (found.requests, found.errors) == (10, 1)


@pytest.mark.parametrize(
    ("values", "bars"),
    [([], ""), ([0, 0], "▁▁"), ([0, 5, 10], "▁▅█"), ([3], "█"), ([1000, 1], "█▁")],
)
def test_a_sparkline_is_as_high_as_its_highest(values: list[float], bars: str) -> None:
    assert sparkline(values) == bars


def test_figures_have_as_many_digits_as_mean_something() -> None:
    assert [per_second(value) for value in (0, 3.14, 250.7)] == ["0.0", "3.1", "251"]
    shown = [milliseconds(value) for value in (None, 1.234, 99.9)]
    assert shown == ["-", "1.2 ms", "100 ms"]


def test_a_row_and_what_stands_above() -> None:
    assert cells(USERS) == (
        *("users", "9, 10", "1 of 2", "3", "12.5", "7.2 ms", "0.5", "▁▅█"),
    )
    good = headline(Look(URL, 0.51, (USERS,)))
    assert "disk 51% full\nNo upgrade is under way.\nAll parts" in good
    troubles = ("redis: stopped", "etcd does not answer")
    told = headline(Look(URL, 0.51, (), "Roll of users 9 -> 10: begun", troubles))
    assert told.splitlines()[1:] == [
        *("Roll of users 9 -> 10: begun", "redis: stopped; etcd does not answer"),
    ]


def test_the_screen_is_renewed_and_stops_no_last_instance() -> None:
    looks: list[Look | Exception] = [
        Look(URL, 0.5, (UI, USERS)),
        Look(URL, 0.5, (USERS,)),
        # What it looks at is stopped, and removed, at any moment.
        FileNotFoundError("supervisor.log is gone"),
        PlatformError("no platform is running"),
    ]

    def look() -> Look:
        now = looks[0]
        if isinstance(now, Exception):
            raise now
        return now

    asyncio.run(_look_at(Screen(look), looks))


async def _look_at(screen: Screen, looks: list[Look | Exception]) -> None:
    async with screen.run_test() as pilot:
        table, head = screen.query_one(DataTable), screen.query_one("#head", Static)
        await screen.workers.wait_for_complete()
        await pilot.pause()
        assert table.get_row("users") == list(cells(USERS))
        assert screen.chosen == UI
        await pilot.press("minus")
        assert "The last instance stays" in str(
            next(iter(screen._notifications)).message
        )
        await pilot.press("down")
        assert screen.chosen == USERS
        for count in (1, 1, 1):
            looks.pop(0)
            screen.renew()
            await screen.workers.wait_for_complete()
            await pilot.pause()
            assert table.row_count == count
        assert str(head.content) == "no platform is running"
        await pilot.press("q")


@pytest.mark.parametrize("arguments", [["--always"], ["--once", "--json"], ["users"]])
def test_a_wrong_call_is_refused(fresh: Platform, arguments: list[str]) -> None:
    result = fresh.mf("mftop", *arguments)
    assert (result.returncode, result.stdout) == (2, "")
    assert "Usage: mftop" in result.stderr


def test_without_a_terminal_there_is_a_way(platform: Platform) -> None:
    result = platform.mf("mftop")
    assert (result.returncode, result.stdout) == (2, "")
    assert "mftop --once" in result.stderr


def test_a_look_at_a_platform(platform: Platform) -> None:
    told = json.loads(platform.done("mftop", "--json"))
    assert [one["name"] for one in told["services"]] == ["echo"]
    assert (told["services"][0]["ready"], told["troubles"]) == (1, [])
    lines = platform.done("mftop", "--once").splitlines()
    assert "MicroFlack at " in lines[0]
    assert lines[-1].split()[0] == "echo"


def test_a_person_looks_and_leaves(platform: Platform) -> None:
    with terminal(platform, "mftop") as (process, master):
        shown = ""

        def has_shown() -> bool:
            nonlocal shown
            assert process.poll() is None, shown
            if select.select([master], [], [], 0.1)[0]:
                shown += os.read(master, 65536).decode(errors="replace")
            return "echo" in shown and "1 of 1" in shown

        wait_for(has_shown, 120)
        os.write(master, b"q")
        wait_for(lambda: drained(process, master), 120)
        assert process.returncode == 0


def test_ctrl_c_ends_the_command_that_it_calls_and_not_mftop(tmp_path: Path) -> None:
    command = tmp_path / "mflogs"
    command.write_text("#!/bin/sh\necho begun\nexec sleep 600\n")
    command.chmod(0o755)
    calling = "import sys; from pathlib import Path; from mfplatform.top.call import *;"
    calling += "call(Path(sys.argv[1]), ['users']); print('on it goes')"
    with subprocess.Popen(
        [sys.executable, "-c", calling, command],
        env=os.environ | {"PYTHONPATH": str(ADMIN)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,
    ) as process:
        assert process.stdin and process.stdout
        lines = [process.stdout.readline() for _ in range(2)]
        assert lines == [b"+ mflogs users\n", b"begun\n"]
        # As a terminal does it: all that is in its foreground gets it.
        os.killpg(process.pid, signal.SIGINT)
        process.stdin.write(b"\n")
        process.stdin.close()
        assert b"on it goes" in process.stdout.read()
    assert process.returncode == 0


def drained(process: subprocess.Popen[bytes], master: int) -> bool:
    """Tell whether a process has ended, and let it write meanwhile."""
    try:
        if select.select([master], [], [], 0.1)[0]:
            os.read(master, 65536)
    except OSError:
        # Nobody has the other end any more.
        time.sleep(0.01)
    return process.poll() is not None


@contextmanager
def terminal(
    platform: Platform, command: str
) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """Run a command at a terminal of its own."""
    master, slave = pty.openpty()
    process = subprocess.Popen(
        [platform.folder / "microflack_admin" / "bin" / command],
        env=platform.environment(TERM="xterm-256color"),
        stdin=slave,
        stdout=slave,
        stderr=slave,
        start_new_session=True,
    )
    os.close(slave)
    try:
        yield process, master
    finally:
        process.kill()
        process.wait()
        os.close(master)
