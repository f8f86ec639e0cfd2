"""mftop: what it makes of counts, and what its screen shows."""

import asyncio

import pytest
from textual.widgets import DataTable, Static

from mfplatform.balancer.latency_buckets import BUCKETS_MS
from mfplatform.state.home import PlatformError
from mfplatform.top.figures import Rates, milliseconds, per_second, rates, sparkline
from mfplatform.top.look import CareRow, InstanceRow, Look, ServiceRow
from mfplatform.top.screen import Screen, cared, cells, headline
from mfplatform.upgrade.compare import Counts

URL = "http://127.0.0.1"
USERS = ServiceRow(
    *("users", ("9", "10")),
    (
        InstanceRow("users-1", "9", "ready", "ready", 1.0, 2),
        InstanceRow("users-2", "10", "not ready", "no", 2.0, 1),
    ),
    *(1, 3),
    Rates(12.5, 0.5, 7.25),
    (0.0, 6.25, 12.5),
    3,
)
UI_1 = InstanceRow("ui-1", "7", "ready", "ready")
UI = ServiceRow("ui", ("7",), (UI_1,), 1, 0, Rates(), (0.0,))
CARED = CareRow(0.0, "mfrun users", "one of two is there", "done", "")


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
        *("users", "9, 10", "1 of 2", "3", "3", "3", "12.5", "7.2 ms", "0.5", "▁▅█"),
    )
    good = headline(Look(URL, 0.51, (USERS,)))
    assert "disk 51% full\nNo upgrade is under way.\nAll parts" in good
    assert cells(UI)[3:5] == ("0", "-")
    troubles = ("redis: stopped", "etcd does not answer")
    told = headline(
        Look(URL, 0.51, (), "Roll of users 9 -> 10: begun", troubles, (CARED,))
    )
    assert told.splitlines()[1:] == [
        *("Roll of users 9 -> 10: begun", "redis: stopped; etcd does not answer"),
        f"{cared(CARED).partition(': ')[0]}: mfrun users (done): one of two is there",
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
