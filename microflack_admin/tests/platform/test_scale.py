"""mfscale: so many instances, and nobody works against it."""

import json
import subprocess
from collections.abc import Callable

import pytest
from platforms import ADMIN, Platform
from under_load import under_load

from mfplatform.commands.reach import check_room
from mfplatform.state import wishes
from mfplatform.state.home import PlatformError
from mfplatform.state.wishes import Wish
from mfplatform.upgrade.lock import UpgradeLock
from microflack_common.registry import Registry

pytest_plugins = ["platform_fixtures"]


def instances(platform: Platform) -> list[str]:
    return [one["instance"] for one in platform.status()["instances"]]


def wanted(platform: Platform) -> list[tuple[str, int, int]]:
    rows = platform.status()["wanted"]
    return [(row["service"], row["instances"], row["ready"]) for row in rows]


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (["users"], "how many instances of users?"),
        (["users", "0"], "If that is meant: mfkill"),
        (["users", "-1"], "N must be a number from 1 to 100, or MIN-MAX, not '-1'"),
        (["users", "0-2"], "If that is meant: mfkill"),
        (["users", "5-2"], "MIN-MAX: 5 is more than 2"),
        (["users", "1-101"], "at most 100 instances, not 101"),
        (["users", "1-"], "or MIN-MAX, not '1-'"),
        (["users", "101"], "at most 100 instances, not 101"),
        (["users", "two"], "N must be a number from 1 to 100, or MIN-MAX, not 'two'"),
        (["users", "1", "2"], "too much: 2"),
        (["nix", "2"], "there is no service 'nix'. Known services: "),
        (["--forget", "users", "2"], "--forget takes a service and no number"),
        ([], "which service?"),
    ],
)
def test_what_makes_no_sense_is_refused(words: list[str], problem: str) -> None:
    command = [ADMIN / "bin" / "mfscale", *words]
    done = subprocess.run(command, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (2, "")
    assert problem in done.stderr.splitlines()[0]


@pytest.mark.parametrize(
    ("text", "wish"),
    [
        ('{"instances": 2}', Wish(2, 2, 2)),
        ("3", Wish(3, 3, 3)),
        ('{"instances": 2, "min": 1, "max": 5, "since": 7}', Wish(2, 1, 5, 7.0)),
        ('{"instances": 6, "min": 1, "max": 5}', None),
        ('{"instances": 0}', None),
        ('{"instances": 1e999}', None),
        ("[1]", None),
        ("many", None),
    ],
)
def test_a_key_that_makes_no_sense_is_no_wish(text: str, wish: Wish | None) -> None:
    assert Wish.parse(text) == wish


@pytest.mark.parametrize(
    ("wish", "number", "changed"),
    [
        (Wish(2, 2, 2), 3, Wish(3, 3, 3)),
        (Wish(3, 1, 5), 2, Wish(2, 1, 5)),
        (Wish(2, 2, 5), 1, Wish(1, 1, 5)),
        (Wish(5, 1, 5), 6, Wish(6, 1, 6)),
    ],
)
def test_a_person_may_leave_the_limits(wish: Wish, number: int, changed: Wish) -> None:
    assert wish.changed(number, 0.0) == changed


def test_no_request_fails_while_instances_come_and_go(platform: Platform) -> None:
    with under_load(platform) as statuses:
        told = json.loads(platform.done("mfscale", "echo", "3", "--json"))
        assert (told["instances"], len(told["there"])) == (3, 3)
        assert wanted(platform) == [("echo", 3, 3)]
        platform.done("mfscale", "echo", "1")
    assert wanted(platform) == [("echo", 1, 1)]
    assert statuses == {200}


def test_as_many_come_back_as_are_wanted(platform: Platform) -> None:
    platform.done("mfscale", "echo", "2")
    platform.done("mfdown")
    platform.done("mfup")
    assert wanted(platform) == [("echo", 2, 2)]
    # Anything may write the key: then more are wanted than ran.
    Registry(platform.registry).put(wishes.key("echo"), "3")
    platform.done("mfup")
    assert wanted(platform) == [("echo", 3, 3)]


def test_what_is_done_by_hand_changes_what_is_wanted(platform: Platform) -> None:
    platform.done("mfscale", "echo", "1")
    name = platform.done("mfrun", "echo")
    assert wanted(platform) == [("echo", 2, 2)]
    killed = platform.mf("mfkill", name)
    assert "of echo 1 are wanted now" in killed.stderr
    assert wanted(platform) == [("echo", 1, 1)]
    platform.done("mfkill", "all")
    assert wanted(platform) == []
    platform.done("mfscale", "echo", "1")
    assert "any number of instances" in platform.done("mfscale", "--forget", "echo")
    assert (wanted(platform), len(instances(platform))) == ([], 1)


def test_nobody_starts_another_one_while_mfkill_stops_one(platform: Platform) -> None:
    platform.done("mfscale", "echo", "2")
    name, registry = instances(platform)[0], Registry(platform.registry)
    lock = UpgradeLock(registry)
    assert lock.acquire("caretaker: mfrun echo", brief=True) is None
    with subprocess.Popen(
        [platform.folder / "microflack_admin" / "bin" / "mfkill", name],
        env=platform.environment(),
        stderr=subprocess.PIPE,
        text=True,
    ) as killing:
        assert killing.stderr
        line = killing.stderr.readline()
        assert line.startswith("mfkill: waiting for the end of: caretaker: mfrun echo")
        assert name in instances(platform)
        index = registry.tree("/upgrades").index
        lock.release()
        assert "of echo 1 are wanted now" in killing.stderr.read()
    assert killing.returncode == 0
    assert wanted(platform) == [("echo", 1, 1)]
    # They are fewer before anybody else is let at work again.
    begin = change_after(registry, "/upgrades/lock", index, lambda one: bool(one))
    end = change_after(registry, "/upgrades/lock", begin, lambda one: one is None)
    fewer = change_after(registry, wishes.key("echo"), index, lambda one: bool(one))
    assert begin < fewer < end
    platform.done("mfscale", "--forget", "echo")


def change_after(
    registry: Registry, key: str, index: int, fits: Callable[[str | None], bool]
) -> int:
    """Return when a key was given a value that fits, for the first time after that."""
    while True:
        change = registry.change(key, index, 60)
        assert change, f"{key} was not changed"
        index = change.index
        if fits(change.value):
            return index


def test_more_than_the_machine_bears_is_refused() -> None:
    check_room("echo", 5, sizes=[100, 90], free=300)
    check_room("echo", 1, sizes=[100, 90], free=0)
    with pytest.raises(PlatformError, match=r"each takes 100 B .* enough for 4$"):
        check_room("echo", 5, sizes=[100, 90], free=299)
    with pytest.raises(PlatformError, match=r"each takes 150 MB .* enough for 1$"):
        check_room("echo", 2, sizes=[], free=299_000_000)
