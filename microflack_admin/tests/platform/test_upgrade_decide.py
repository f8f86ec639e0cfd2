"""What an upgrade does next, for every state that it can be in."""

import json
from dataclasses import replace

import pytest

from mfplatform.upgrade.actions import (
    Action,
    Done,
    Limits,
    StartInstance,
    StopInstance,
    Undo,
    Wait,
)
from mfplatform.upgrade.compare import BUCKETS_MS, Counts
from mfplatform.upgrade.decide import decide
from mfplatform.upgrade.state import Observation, ObservedInstance, OldInstance, Upgrade

NOW = 1000.0
LIMITS = Limits(watch_seconds=3, ready_seconds=60)
A = ObservedInstance("a", "one", "1", pid=1)
B = ObservedInstance("b", "one", "1", pid=2)
C = ObservedInstance("c", "one", "1", pid=5)
X = ObservedInstance("x", "two", "2", pid=3)
Y = ObservedInstance("y", "two", "2", pid=4)
ROLL = Upgrade(
    *("echo", "roll", "roll", "latest", "two", "2"),
    old=(OldInstance("a", "one", "1"), OldInstance("b", "one", "1")),
    kept=(),
    by="somebody",
    since=0,
)
TRIAL = replace(ROLL, mode="trial")
WISHED = replace(ROLL, mode="undo")
FAILED = replace(ROLL, mode="undo", reason="it errs")


def seen(
    *instances: ObservedInstance, age: float = 100, unready: str = ""
) -> Observation:
    """Return instances that have been ready for a while, except those named."""
    names = [one.name for one in instances]
    ready = [name for name in names if name not in unready]
    return Observation(
        instances,
        routed=dict.fromkeys(ready, "ready"),
        first_seen=dict.fromkeys(names, NOW - age),
        ready_since=dict.fromkeys(ready, NOW - age),
        last_ready=dict.fromkeys(ready, NOW),
        ready_pids={one.name: one.pid for one in instances if one.name in ready},
    )


START = StartInstance("two", "2", "a")
CASES = {
    "the first new one is started before any old one goes": (ROLL, (A, B), START),
    "then the oldest goes": (ROLL, (A, B, X), StopInstance("a")),
    "the second has the settings of the second": (
        *(ROLL, (B, X)),
        StartInstance("two", "2", "b"),
    ),
    "then the second goes": (ROLL, (B, X, Y), StopInstance("b")),
    "then it is done": (ROLL, (X, Y), Done()),
    "a new one that somebody has stopped is replaced": (
        *(ROLL, (X,)),
        StartInstance("two", "2", "x"),
    ),
    "one too many is stopped": (ROLL, (X, Y, replace(X, name="z")), StopInstance("z")),
    "all gone: the number is kept": (ROLL, (), StartInstance("two", "2", None)),
    "those that ran the image before do not count": (
        *(replace(ROLL, kept=("x",)), (A, B, X)),
        START,
    ),
    "a trial starts one": (TRIAL, (A, B), START),
    "a trial is no more than one": (TRIAL, (A, B, X), Done()),
    "a trial that is aborted stops the new one": (WISHED, (A, B, X), StopInstance("x")),
    "a roll that is aborted first brings the old back": (
        *(WISHED, (B, X)),
        StartInstance("one", "1", "x"),
    ),
    "and then stops the new": (WISHED, (B, C, X), StopInstance("x")),
    "one that fails goes first": (FAILED, (B, X), StopInstance("x")),
    "then the old is brought back": (FAILED, (B,), StartInstance("one", "1", None)),
    "unless nothing else serves": (FAILED, (X, Y), StartInstance("one", "1", "x")),
    "all is back": (FAILED, (B, C), Done()),
}


@pytest.mark.parametrize(("upgrade", "instances", "wanted"), CASES.values(), ids=CASES)
def test_the_next_step(
    upgrade: Upgrade, instances: tuple[ObservedInstance, ...], wanted: Action
) -> None:
    assert decide(upgrade, seen(*instances), NOW, LIMITS) == wanted


def test_an_old_one_that_is_just_being_stopped_is_not_relied_on() -> None:
    found = seen(A, X, age=59, unready="a")
    upgrade = replace(WISHED, old=ROLL.old[:1])
    assert decide(upgrade, found, NOW, LIMITS) == Wait("a to be ready")
    assert decide(upgrade, seen(X), NOW, LIMITS) == StartInstance("one", "1", "x")
    assert decide(upgrade, found, NOW + 1, LIMITS) == StopInstance("x")


@pytest.mark.parametrize("mode", ["roll", "trial"])
def test_a_new_one_is_waited_for(mode: str) -> None:
    upgrade = replace(ROLL, mode=mode)
    found = seen(A, B, X, age=59, unready="x")
    assert decide(upgrade, found, NOW, LIMITS) == Wait("x to be ready")
    action = decide(upgrade, found, NOW + 1, LIMITS)
    assert action == Undo("it was not ready within 60 s", "x")


def test_the_first_is_watched_longer_than_the_next() -> None:
    assert decide(ROLL, seen(A, B, X, age=2.9), NOW, LIMITS) == Wait("a look at x")
    assert decide(ROLL, seen(A, B, X, age=3), NOW, LIMITS) == StopInstance("a")
    later = replace(seen(B, X, Y), ready_since={"x": 0, "y": NOW - 0.9})
    assert decide(ROLL, later, NOW, LIMITS) == Wait("a look at y")
    assert decide(ROLL, later, NOW + 0.2, LIMITS) == StopInstance("b")


@pytest.mark.parametrize("mode", ["roll", "trial"])
@pytest.mark.parametrize("change", [{"pid": 99}, {"pid": None}, {"state": "stopped"}])
def test_one_that_died_is_not_good(mode: str, change: dict[str, object]) -> None:
    found = seen(A, B, X)
    found = replace(found, instances=(A, B, replace(X, **change)))
    upgrade = replace(ROLL, mode=mode)
    action = decide(upgrade, found, NOW, LIMITS)
    assert action == Undo("it died after it had been ready", "x")


def test_one_that_fails_its_health_checks_for_long_is_not_good() -> None:
    found = replace(seen(A, B, X), routed={"a": "ready", "b": "ready", "x": "down"})
    assert decide(ROLL, found, NOW + 2, LIMITS) == Wait("x to be ready")
    assert isinstance(decide(ROLL, found, NOW + 3, LIMITS), Undo)


@pytest.mark.parametrize("upgrade", [ROLL, FAILED])
def test_one_that_was_never_started_is_cleared_away(upgrade: Upgrade) -> None:
    left = replace(X if upgrade is ROLL else C, state="stopped", pid=None)
    found = seen(A, left, age=9, unready=left.name)
    assert decide(upgrade, found, NOW, LIMITS) == Wait(f"{left.name} to be ready")
    assert decide(upgrade, found, NOW + 1, LIMITS) == StopInstance(left.name)


def test_an_old_one_whose_stop_was_interrupted_is_replaced() -> None:
    left = replace(A, state="stopped", pid=None)
    found = seen(left, B, X, age=9, unready="a")
    assert decide(WISHED, found, NOW, LIMITS) == Wait("a to be ready")
    assert decide(WISHED, found, NOW + 1, LIMITS) == StopInstance("a")
    assert decide(WISHED, seen(B, X), NOW, LIMITS) == StartInstance("one", "1", "x")


def counted(a: tuple[int, int], x: tuple[int, int], age: float = 100) -> Observation:
    counts = {"a": Counts(*a), "x": Counts(*x)}
    return replace(seen(A, B, X, age=age), counts=counts)


@pytest.mark.parametrize("mode", ["roll", "trial"])
@pytest.mark.parametrize(
    ("old", "new", "stops"),
    [
        ((100, 0), (100, 0), False),
        ((1000, 2), (1000, 4), False),
        ((100, 50), (100, 55), False),
        ((10, 0), (10, 10), True),
        ((1000, 1), (200, 40), True),
        ((100, 10), (100, 60), True),
    ],
)
def test_a_version_that_clearly_errs_more_is_stopped(
    mode: str, old: tuple[int, int], new: tuple[int, int], stops: bool
) -> None:
    found = counted(old, new, age=0 if stops else 100)
    action = decide(replace(ROLL, mode=mode), found, NOW, LIMITS)
    assert isinstance(action, Undo) == stops
    if isinstance(action, Undo):
        assert action.reason.startswith(f"{new[1]} of its {new[0]} requests failed")


def test_doubt_is_waited_out_and_then_held_against_it() -> None:
    found = counted((3, 0), (3, 2), age=14)
    assert decide(ROLL, found, NOW, LIMITS) == Wait("more requests, since x errs")
    assert isinstance(decide(ROLL, found, NOW + 1, LIMITS), Undo)


def test_errors_from_before_the_upgrade_are_not_held_against_the_old_one() -> None:
    upgrade = replace(
        ROLL, old=(OldInstance("a", "one", "1", Counts(500, 500)), ROLL.old[1])
    )
    assert isinstance(decide(upgrade, counted((600, 500), (99, 90)), NOW, LIMITS), Undo)


def test_what_a_stopped_old_one_did_still_counts() -> None:
    upgrade = replace(
        ROLL,
        old=(
            OldInstance("a", "one", "1", counts_while_upgrading=Counts(90, 80)),
            ROLL.old[1],
        ),
    )
    found = replace(seen(B, X), counts={"x": Counts(100, 90)})
    assert decide(upgrade, found, NOW, LIMITS) == StartInstance("two", "2", "b")


def test_an_upgrade_is_kept_whole_in_the_registry() -> None:
    times = tuple(range(len(BUCKETS_MS) + 1))
    old = (OldInstance("a", "one", "1", Counts(9, 1, times), Counts(2, 1, times)),)
    upgrade = replace(ROLL, old=old, kept=("k",), doing="this", reason="that")
    assert Upgrade.from_stored(upgrade.stored()) == upgrade


def test_the_registrys_words_for_an_upgrade_stay_the_same() -> None:
    kept = json.loads(json.dumps(replace(ROLL, old=ROLL.old[:1], kept=("k",)).stored()))
    counts = {"requests": 0, "errors": 0, "times": []}
    old = {"name": "a", "image": "one", "version": "1"}
    assert kept == {
        **{"service": "echo", "command": "roll", "mode": "roll", "tag": "latest"},
        **{"image": "two", "version": "2", "by": "somebody", "since": 0},
        **{"old": [{**old, "before": counts, "did": counts}], "kept": ["k"]},
        **{"doing": "", "reason": "", "ahead": [], "behind": []},
    }
