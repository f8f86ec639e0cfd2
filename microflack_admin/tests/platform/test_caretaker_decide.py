"""What the caretaker decides: a table."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from mfplatform.caretaker.actions import (
    Action,
    Recycle,
    RollBack,
    Scale,
    StartInstances,
    StopInstance,
)
from mfplatform.caretaker.decide import decide
from mfplatform.caretaker.scaling import Load, Sample
from mfplatform.caretaker.state import (
    Finding,
    Past,
    Rolled,
    Seen,
    SeenInstance,
    Symptom,
)
from mfplatform.state.wishes import Wish

NOW = 10_000.0


def instance(number: int, image: str = "old", **more: Any) -> SeenInstance:
    return SeenInstance(f"echo-{number}", image, created=number, **more)


def seen(
    instances: Sequence[SeenInstance],
    since: Mapping[Finding, float] | None = None,
    **more: Any,
) -> Seen:
    """Return what is seen; ``since`` says how many seconds something is wrong."""
    begun = {finding: NOW - seconds for finding, seconds in (since or {}).items()}
    return Seen({"echo": tuple(instances)}, begun, **more)


def decided(found: Seen, number: int = 2) -> list[tuple[type[Action], str]]:
    """Return kind and command of what is done where so many are wanted."""
    wish = Wish(number, number, number)
    actions = decide({"echo": wish}, found, NOW)
    assert all(action.why for action in actions)
    return [(type(action), action.command) for action in actions]


ONE, TWO, THREE = instance(1), instance(2), instance(3)
SICK = instance(2, is_ready=False, answers=False)
NEW, CRASHING = instance(1, "new"), instance(2, "new", is_ready=False, answers=False)
REPLACE = [(Recycle, "mfrun echo; mfkill echo-2")]
STOP = [(StopInstance, "mfkill echo-3")]
CRASHES = {("echo-2", Symptom.CRASHES): 0.0}
LATELY = {"rolled": {"echo": Rolled("new", NOW - 30)}}
TABLE = {
    "all is well": (seen([ONE, TWO]), []),
    "one is missing": (
        seen([ONE], {("echo", Symptom.MISSING): 3}),
        [(StartInstances, "mfrun echo")],
    ),
    "two are missing": (
        seen([], {("echo", Symptom.MISSING): 3}),
        [(StartInstances, "mfrun echo; mfrun echo")],
    ),
    "a command may be about to start it": (
        seen([ONE], {("echo", Symptom.MISSING): 2.9}),
        [],
    ),
    "what could not be started is not tried at once": (
        seen(
            [ONE],
            {("echo", Symptom.MISSING): 60},
            past=(Past("echo", "StartInstances", NOW - 9, failed=True),),
        ),
        [],
    ),
    "the youngest is too many": (
        seen([ONE, THREE, TWO], {("echo", Symptom.SURPLUS): 5}),
        STOP,
    ),
    "one that does not serve is not too many": (
        seen([ONE, TWO, instance(3, is_ready=False)], {("echo", Symptom.SURPLUS): 5}),
        [],
    ),
    "one is silent and another answers": (
        seen([ONE, SICK], {("echo-2", Symptom.SILENT): 2}),
        REPLACE,
    ),
    "slow is not silent": (seen([ONE, SICK], {("echo-2", Symptom.SILENT): 1.9}), []),
    "all are silent": (
        seen([instance(1, answers=False), SICK], {("echo-2", Symptom.SILENT): 2}),
        REPLACE,
    ),
    "no process": (seen([ONE, SICK], {("echo-2", Symptom.STOPPED): 2}), REPLACE),
    "too much memory": (seen([ONE, TWO], {("echo-2", Symptom.SWOLLEN): 10}), REPLACE),
    "the sickest first": (
        seen(
            [ONE, SICK],
            {("echo-1", Symptom.SWOLLEN): 99, ("echo-2", Symptom.STOPPED): 10},
        ),
        REPLACE,
    ),
    "it crashes, and nothing was rolled": (seen([ONE, SICK], CRASHES), REPLACE),
    "a replacement that did not help is not repeated at once": (
        seen([ONE, SICK], CRASHES, past=(Past("echo", "Recycle", NOW - 9),)),
        [],
    ),
    "but then": (
        seen([ONE, SICK], CRASHES, past=(Past("echo", "Recycle", NOW - 10),)),
        REPLACE,
    ),
    "later and later": (
        seen(
            [ONE, SICK],
            CRASHES,
            past=tuple(Past("echo", "Recycle", NOW - ago) for ago in (99, 60, 39)),
        ),
        [],
    ),
    "a release that crashes after it was rolled": (
        seen([NEW, CRASHING], CRASHES, **LATELY),
        [(RollBack, "mfupgrade rollback echo")],
    ),
    "another image than the one that was rolled": (
        seen([ONE, SICK], CRASHES, **LATELY),
        REPLACE,
    ),
    "a release that was good for long": (
        seen([NEW, CRASHING], CRASHES, rolled={"echo": Rolled("new", NOW - 600)}),
        REPLACE,
    ),
    "somebody upgrades": (
        seen([], {("echo", Symptom.MISSING): 99}, hands_off={"echo": "a roll"}),
        [],
    ),
}


@pytest.mark.parametrize(("found", "expected"), TABLE.values(), ids=TABLE)
def test_what_is_seen_leads_to_what_is_done(
    found: Seen, expected: list[tuple[type[Action], str]]
) -> None:
    assert decided(found) == expected


@pytest.mark.parametrize(
    ("other_answers", "symptom", "seconds", "left"),
    [
        (True, Symptom.SILENT, 2.5, 5.5),
        # It may have begun to answer.
        (True, Symptom.SILENT, 9.0, 2.0),
        # It may be the machine.
        (False, Symptom.SILENT, 2.5, 12.5),
        (True, Symptom.STOPPED, 10.0, 0.0),
    ],
)
def test_what_may_be_slow_has_time_to_answer_once_another_serves(
    other_answers: bool, symptom: Symptom, seconds: float, left: float
) -> None:
    found = seen(
        [instance(1, answers=other_answers), SICK], {("echo-2", symptom): seconds}
    )
    (action,) = decide({"echo": Wish(2, 2, 2)}, found, NOW)
    assert isinstance(action, Recycle)
    assert action.silent_seconds == pytest.approx(left)


def test_the_last_that_serves_is_never_stopped() -> None:
    surplus = {("echo", Symptom.SURPLUS): 99.0}
    one_serves = seen([ONE, SICK, instance(3, is_ready=False)], surplus)
    assert decided(one_serves, number=1) == []


def test_a_load_changes_the_number_between_what_is_allowed() -> None:
    busy = Load(tuple(Sample(NOW - second, 99.0) for second in range(5, 0, -1)))
    found = seen([ONE, TWO], loads={"echo": busy})
    (action,) = decide({"echo": Wish(2, 1, 3)}, found, NOW)
    assert (type(action), action.command) == (Scale, "mfscale echo 3")
    assert decide({"echo": Wish(3, 1, 3)}, found, NOW) == []
    # What is sick comes first.
    sick = seen([ONE, SICK], {("echo-2", Symptom.STOPPED): 10}, loads={"echo": busy})
    assert [type(one) for one in decide({"echo": Wish(2, 1, 3)}, sick, NOW)] == [
        Recycle
    ]


def test_a_service_of_which_no_number_is_wanted_is_left_alone() -> None:
    sick = seen([SICK], {("echo-2", Symptom.STOPPED): 99})
    assert decide({}, sick, NOW) == []
