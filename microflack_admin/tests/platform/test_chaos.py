"""mfchaos: what it would do, how it counts and is called; nothing is started."""

from itertools import pairwise
from typing import Any

import pytest
from platforms import Platform

from mftools.chaos.agreement import disagreements
from mftools.chaos.outages import Outage, Watch, recovery_seconds
from mftools.chaos.plan import FREEZE_SECONDS, Misfortune, plan

pytest_plugins = ["platform_fixtures"]

TARGETS = ["redis", "users-1", "users-2"]


def test_a_seed_says_all_that_happens() -> None:
    assert plan(7, 600, TARGETS) == plan(7, 600, TARGETS[::-1])
    assert plan(7, 600, TARGETS) != plan(8, 600, TARGETS)


def test_there_is_one_misfortune_at_a_time_and_none_when_the_time_is_over() -> None:
    found = plan(1, 3600, TARGETS)
    assert {one.target for one in found} == set(TARGETS)
    assert {one.kind for one in found} == {"kill", "freeze"}
    for before, after in pairwise(found):
        assert before.at + before.seconds < after.at
    assert found[-1].at < 3600
    long = [one.seconds for one in found if one.kind == "freeze"]
    assert FREEZE_SECONDS[0] <= min(long) and max(long) <= FREEZE_SECONDS[1]


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


def instance(name: str, **fields: Any) -> dict[str, Any]:
    service = name.partition("-")[0]
    good = {"service": service, "instance": name, "health": "ready", "routed": "ready"}
    return good | fields


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
    names = {line.split()[3] for line in told.splitlines()}
    # The checkout of this platform has services of its own.
    assert {"mariadb", "renderer", "echo-3"} <= names
    assert told == fresh.done("mfchaos", "--dry-run", "--seed", "5")
    assert not (home / "settings.env").exists()
