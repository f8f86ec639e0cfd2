"""What mfbench makes of what it measures: tables, without a server."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from mftools.bench.autoscale import Seen
from mftools.bench.figures import (
    Goal,
    Spread,
    at_least,
    below,
    formatted,
    quantile,
    ratios,
)
from mftools.bench.main import PARTS
from mftools.bench.paced import Paced, worst_p95
from mftools.bench.peers.results import Result, Work, rows
from mftools.bench.report import Report, Row, into_page, single
from mftools.bench.upgrade_rows import Roll, rolls

ADMIN = Path(__file__).parents[2]
MACHINE = {"version": "Python 3", "cores": 2, "cpu": "a CPU", "date": "today"}


@pytest.mark.parametrize(
    ("values", "share", "expected"),
    [
        ([5], 0.99, 5),
        ([3, 1, 2], 0.5, 2),
        ([4, 1, 3, 2], 0.5, 2),
        (range(1, 101), 0.99, 99),
        (range(1, 102), 0.99, 100),
        ([1, 2], 1, 2),
        ([1, 2], 0, 1),
    ],
)
def test_quantiles(values: Sequence[float], share: float, expected: float) -> None:
    assert quantile(values, share) == expected


def test_a_spread_has_a_middle_and_two_ends() -> None:
    assert Spread.of([4, 1, 9]) == Spread(4, 1, 9)
    assert Spread.of([4, 1]) == Spread(2.5, 1, 4)


def test_ratios_are_taken_between_neighbours() -> None:
    assert ratios([10, 30], [20, 30]) == [0.5, 1]
    assert ratios([10, 30], [0, 30]) == [1]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1234.4, "1234"),
        (99.96, "100.0"),
        (12.34, "12.3"),
        (0.456, "0.46"),
        (0, "0"),
        (5, "5"),
        (float("inf"), "-"),
        (float("nan"), "-"),
    ],
)
def test_numbers_have_the_digits_that_matter(value: float, text: str) -> None:
    assert formatted(value) == text


@pytest.mark.parametrize(
    ("goal", "value", "reached"),
    [
        (at_least(0.6), 0.6, True),
        (at_least(0.6), 0.59, False),
        (below(100), 99, True),
        (below(100), 100, False),
        (below(100), float("inf"), False),
    ],
)
def test_goals(goal: Goal, value: float, reached: bool) -> None:
    assert goal.reached(value) is reached


def report() -> Report:
    """Return a report with a figure of each kind."""
    found = Report(MACHINE, skipped={"events": "nothing serves /socket.io here"})
    found.rows += [
        Row("posts", "POST", Spread(400, 300, 500), "/s", note="CPU 2 ms each"),
        Row("posts", "of bare", single(0.5), goal=at_least(0.6)),
        Row("start", "mfup", single(7), "s", below(20), details={"more": 1}),
    ]
    return found


def test_the_table_says_what_was_reached_and_what_was_not() -> None:
    lines = report().table().splitlines()
    assert [line.split() for line in lines[2:4]] == [
        ["POST", "400", "/s", "300", "-", "500", "CPU", "2", "ms", "each"],
        ["of", "bare", "0.50", ">=", "0.60", "NO"],
    ]
    assert lines[5].split() == ["mfup", "7", "s", "<", "20", "s", "yes"]
    assert "events: skipped, nothing serves /socket.io here" in lines


def test_the_document_holds_the_same() -> None:
    document = json.loads(json.dumps(report().document()))
    assert [row["reached"] for row in document["rows"]] == [None, False, True]
    assert document["rows"][0]["low"] == 300
    assert document["rows"][2]["more"] == 1
    assert document["skipped"] == {"events": "nothing serves /socket.io here"}


def test_the_figures_of_the_guide_are_replaced() -> None:
    page = "before\n<!-- figures: posts -->\nold\n<!-- end of figures -->\nafter\n"
    figures = report().markdown(["posts", "start", "events"])
    changed = into_page(page, figures, "posts")
    assert changed.startswith("before\n<!-- figures: posts -->\n")
    assert changed.endswith("<!-- end of figures -->\nafter\n")
    assert "old" not in changed
    assert "| of bare | 0.50 |  | >= 0.60 | NO |  |" in changed
    assert into_page(changed, figures, "posts") == changed


def test_figures_of_parts_that_were_not_measured_stay_in_the_guide() -> None:
    page = "<!-- figures: posts -->\nold\n<!-- end of figures -->\n"
    page += "<!-- figures: start -->\n<!-- end of figures -->\n"
    changed = into_page(page, report().markdown(["start"]), "start")
    assert changed.startswith("<!-- figures: posts -->\nold\n<!-- end of figures -->\n")
    assert "| mfup | 7 s |" in changed
    assert "POST" not in changed
    assert "skipped" not in changed


def test_a_page_without_a_place_for_figures_is_refused() -> None:
    with pytest.raises(ValueError, match="no place"):
        into_page("text", "some", "posts")


def test_the_guide_has_a_place_for_every_part() -> None:
    page = (ADMIN / "docs" / "speed.md").read_text()
    for part in PARTS:
        assert "some figures" in into_page(page, "some figures\n", part)


def test_it_is_said_that_there_were_several_instances() -> None:
    several = Report(MACHINE, instances=2)
    assert "2 instances of each service." in several.table()
    assert several.document()["instances"] == 2


def test_what_was_measured_of_all_servers_stands_side_by_side() -> None:
    work = Work(2.0, [0.1, 0.3], failed=1, server=0.6, generator=0.2, others=1.0)
    results = [
        Result(name, "a set-up", 1.0, 10.0, 20.0, [work], [work], {3: work}, {3: 2})
        for name in ("ours", "another")
    ]
    found = rows(results)
    whats = [row.what for row in found]
    at = whats.index("ours: messages posted, 8 connections")
    assert whats[at + 1] == "another: messages posted, 8 connections"
    assert found[at].spread.middle == 1
    assert found[at].note.startswith("p50 100, p99 300 ms; CPU 200 ms each; cores")
    assert found[at].note.endswith("1 FAILED")
    live = found[whats.index("ours: 3 clients, 5/s: the last hears, p99")]
    assert live.spread.middle == 300
    assert live.note.endswith("2 NOT HEARD")


def test_a_roll_that_fails_is_told_and_misses_the_target() -> None:
    done = [Roll("users", 10.0), Roll("ui", 30.0, "mfupgrade failed: why")]
    seconds, completed = rolls("upgrade", done, longest_seconds=25.0)
    assert (seconds.spread, seconds.reached) == (Spread(20, 10, 30), True)
    assert (completed.spread.middle, completed.reached) == (1, False)
    assert completed.details == {"problems": ["ui: mfupgrade failed: why"]}


def test_a_starved_roll_may_take_its_time() -> None:
    seconds, completed = rolls("upgrade", [Roll("ui", 300.0)], longest_seconds=None)
    assert (seconds.reached, completed.reached) == (None, True)


def test_the_worst_of_all_windows_counts_from_when_requests_were_due() -> None:
    answers = [Paced(float(due), 0.1, True) for due in range(100)]
    # One of five is more than a twentieth.
    answers[52] = Paced(52.0, 3.0, True)
    assert worst_p95(answers, 0.0, 5.0) == 3.0
    assert worst_p95(answers, 53.0, 5.0) == 0.1
    assert worst_p95(answers, 0.0, 50.0) == 0.1
    assert worst_p95(answers, 100.0, 5.0) == 0.0


def test_how_many_instances_there_were_is_known_since_when() -> None:
    seen = Seen()
    for number, now in ((1, 0.0), (1, 1.0), (3, 2.0), (2, 3.0), (1, 4.0)):
        seen.note(number, now)
    assert seen.changes == [(0.0, 1), (2.0, 3), (3.0, 2), (4.0, 1)]
    assert (seen.last, seen.first(lambda number: number <= 1, 2.0)) == (1, 4.0)
    assert seen.first(lambda number: number > 1, 0.0) == 2.0
    assert seen.first(lambda number: number > 3, 0.0) == float("inf")
