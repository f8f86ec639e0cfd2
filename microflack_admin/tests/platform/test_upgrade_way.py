"""Which releases may stand side by side, and over which an upgrade leads."""

import json
from dataclasses import replace

import pytest

from mfplatform.state import releases
from mfplatform.state.home import PlatformError
from mfplatform.state.instances import Image
from mfplatform.upgrade.plan import continuation
from mfplatform.upgrade.state import OldInstance, Upgrade
from mfplatform.upgrade.way import Stop, way

# 7 and 10 are what lies on the way; 8 and 12 do not run beside what came before those.
RUNS_BESIDE = {"8": "7", "10": "7", "12": "10"}
KNOWN = {
    number: Image(f"image-{number}", number, RUNS_BESIDE.get(number, ""))
    for number in map(str, range(1, 13))
}
WAYS = {
    "side by side": (["7"], "8", "8"),
    "the same": (["8"], "8", "8"),
    "nothing is said": (["1"], "7", "7"),
    "over one": (["6"], "8", "7 8"),
    "over one, from several": (["5", "6", "7"], "8", "7 8"),
    "ten is after nine": (["9"], "12", "10 12"),
    "over two": (["5"], "12", "7 10 12"),
    "back over one": (["8"], "6", "7 6"),
    "back over two": (["12"], "5", "10 7 5"),
    "back, half of it done": (["7", "8"], "6", "7 6"),
    "on, though the forbidden was done": (["6", "8"], "8", "7 8"),
}


@pytest.mark.parametrize(("running", "target", "stops"), WAYS.values(), ids=WAYS)
def test_the_way(running: list[str], target: str, stops: str) -> None:
    found = way("echo", [KNOWN[n] for n in running], KNOWN[target], KNOWN.__getitem__)
    assert " ".join(one.version for one in found) == stops


@pytest.mark.parametrize("oldest", ["8", "9", "soon"])
def test_nonsense_ends_the_way_with_a_sentence(oldest: str) -> None:
    target = Image("x", "8", oldest)
    with pytest.raises(PlatformError, match=f"echo 8 says RUNS_BESIDE={oldest} in"):
        releases.check("echo", target)


@pytest.mark.parametrize(
    ("one", "other", "may"),
    [("8", "7", True), ("7", "8", True), ("8", "6", False), ("12", "9", False)],
)
def test_what_may_stand_beside_each_other(one: str, other: str, may: bool) -> None:
    for pair in ((one, other), (other, one)):
        assert releases.may_stand_beside(*(KNOWN[number] for number in pair)) is may
    found = releases.in_the_way(KNOWN[one], [KNOWN[one], KNOWN[other]])
    assert found == (None if may else KNOWN[other])


SIX, SEVEN, EIGHT = (Stop(f"image-{n}", n) for n in "678")
FIRST = Upgrade(
    *("echo", "roll", "roll", "latest", "image-7", "7"),
    old=(OldInstance("a", "image-6", "6"),),
    kept=(),
    by="somebody",
    since=0,
    ahead=(EIGHT,),
)
SECOND = replace(
    FIRST,
    image="image-8",
    version="8",
    old=(OldInstance("b", "image-7", "7"),),
    ahead=(),
    behind=(SIX,),
)
BACK = replace(FIRST, command="abort", ahead=(Stop("image-5", "5"),))
CONTINUATIONS = {
    "the first part": (FIRST, ("roll", (EIGHT,), (SIX,))),
    "the last part": (SECOND, ("roll", (), (SIX, SEVEN))),
    "the first, undone": (replace(FIRST, mode="undo"), ("abort", (), ())),
    "the last, undone": (replace(SECOND, mode="undo"), ("abort", (SIX,), ())),
    "a part of the way back": (BACK, ("abort", (Stop("image-5", "5"),), ())),
    "that part, undone": (replace(BACK, mode="undo"), ("abort", (), ())),
    "a rollback": (
        replace(FIRST, command="rollback"),
        ("rollback", (EIGHT,), (SIX,)),
    ),
}


@pytest.mark.parametrize(
    ("upgrade", "wanted"), CONTINUATIONS.values(), ids=CONTINUATIONS
)
def test_what_follows_on_a_part(upgrade: Upgrade, wanted: object) -> None:
    assert continuation(upgrade) == wanted


def test_another_shell_reads_the_way_from_the_registry() -> None:
    for upgrade in (FIRST, SECOND):
        stored = json.loads(json.dumps(upgrade.stored()))
        assert Upgrade.from_stored(stored) == upgrade
    assert (FIRST.goal, SECOND.goal, SECOND.origin) == (EIGHT, EIGHT, SIX)
    # One that was left by mfupgrade as it was before there were steps.
    del stored["ahead"], stored["behind"]
    assert Upgrade.from_stored(stored) == replace(SECOND, behind=())
