"""mfrun without a tag starts what serves now."""

from dataclasses import replace

import pytest
from platforms import Platform
from upgrade_fixtures import QUICK, built, one, two, versions

from mfplatform.commands.run import serving_image
from mfplatform.state.instances import Instance

pytest_plugins = ["platform_fixtures"]
__all__ = ["built", "one", "two"]

OLD = Instance("echo-1", "echo", "a", "1", "1", port=1, created=1)
REBUILT, NEW = replace(OLD, image="b"), replace(OLD, image="c", version="2", created=9)
CASES = {
    "none runs": ([], None),
    "one runs": ([NEW], "c"),
    "most run the old version": ([NEW, OLD, OLD], "a"),
    "most run the new version": ([OLD, NEW, NEW], "c"),
    "a trial beside one old instance": ([NEW, OLD], "a"),
    "versions are counted, not images": ([NEW, NEW, OLD, REBUILT, REBUILT], "b"),
}


@pytest.mark.parametrize(("running", "image"), CASES.values(), ids=CASES)
def test_what_serves_is_what_most_instances_run(
    running: list[Instance], image: str | None
) -> None:
    assert serving_image(running) == image


def run(platform: Platform, *tag: str) -> str:
    """Start an instance and return its version."""
    name = platform.done("mfrun", "echo", *tag)
    return versions(platform)[name]


def test_a_newer_image_is_started_only_by_its_tag(one: Platform) -> None:
    assert run(one) == "1"
    assert run(one, "latest") == "2"
    assert run(one) == "1"


def test_the_latest_is_started_when_none_runs(one: Platform) -> None:
    one.done("mfkill", "echo")
    assert run(one) == "2"


def test_what_serves_is_started_after_a_refused_roll(one: Platform) -> None:
    assert one.mf("mfupgrade", "roll", "echo", "3", "--within", "2").returncode == 1
    assert run(one) == "1"


def test_what_serves_is_started_after_a_roll_and_after_its_rollback(
    two: Platform,
) -> None:
    two.done("mfupgrade", "roll", "echo", *QUICK)
    assert run(two) == "2"
    two.done("mfupgrade", "rollback", "echo", *QUICK)
    assert run(two) == "1"
