"""mfupgrade over a release that runs beside the old one and the new one."""

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import requests
from platforms import Platform
from stepping_fixtures import first, released, write
from upgrade_fixtures import (
    QUICK,
    begin,
    read,
    routed_versions,
    versions,
    wait_until_doing,
)

from mfplatform.upgrade.store import CURRENT_KEY, HISTORY_KEY

pytest_plugins = ["platform_fixtures"]
__all__ = ["first", "released"]

Step = tuple[str, str, str]


def steps(platform: Platform) -> list[Step]:
    """Return what the history tells: from, to and outcome of each."""
    entries = read(platform, HISTORY_KEY) or []
    return [(one["from"], one["to"], one["outcome"]) for one in entries]


@contextmanager
def asked_meanwhile(platform: Platform) -> Iterator[list[str]]:
    """Ask one question after the other; yields the versions that answered, in order."""
    answers: list[str] = []
    stop = threading.Event()

    def ask() -> None:
        while not stop.wait(0.01):
            with requests.get(
                f"http://127.0.0.1:{platform.port}/api/echo", timeout=30
            ) as answer:
                is_ok = answer.status_code == 200
                answers.append(answer.json()["version"] if is_ok else answer.text)

    thread = threading.Thread(target=ask)
    thread.start()
    try:
        yield answers
    finally:
        stop.set()
        thread.join()


def test_a_roll_leads_over_the_release_between_and_back(first: Platform) -> None:
    with asked_meanwhile(first) as answers:
        rolled = first.mf("mfupgrade", "roll", "echo", *QUICK)
        assert rolled.returncode == 0, rolled.stderr
        assert routed_versions(first) == ["3", "3"]
    assert "so it is reached by steps: 1 -> 2 -> 3" in rolled.stderr
    assert [line.split(";")[0] for line in rolled.stdout.splitlines()] == [
        "echo 1 -> 2: rolled",
        "echo 2 -> 3: rolled",
    ]
    assert set(answers) == {"1", "2", "3"}
    # The old one was gone before the new one came.
    assert "1" not in answers[answers.index("3") :]
    assert steps(first) == [("1", "2", "rolled"), ("2", "3", "rolled")]

    first.done("mfupgrade", "rollback", "echo", *QUICK)
    assert routed_versions(first) == ["1", "1"]
    assert steps(first)[2:] == [("3", "2", "rolled"), ("2", "1", "rolled")]
    first.done("mfupgrade", "rollback", "echo", *QUICK)
    assert routed_versions(first) == ["3", "3"]


@pytest.mark.parametrize("version", ["2", "3"])
@pytest.mark.parametrize(("verb", "goal"), [("roll", "3"), ("abort", "1")])
def test_another_shell_ends_what_was_killed_in_any_part(
    first: Platform, version: str, verb: str, goal: str
) -> None:
    process = begin(first, "roll", "echo", "--watch", "1")
    wait_until_doing(first, f"starting an instance of version {version}")
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    told = first.mf("mfupgrade", verb, *QUICK)
    assert told.returncode == 0, told.stderr
    assert "echo 1 -> 2" in told.stderr or "echo 2 -> 3" in told.stderr
    assert routed_versions(first) == [goal, goal]
    assert read(first, CURRENT_KEY) is None


def test_the_whole_way_back_is_completed_when_it_was_killed(first: Platform) -> None:
    process = begin(first, "roll", "echo", *QUICK)
    wait_until_doing(first, "starting an instance of version 3")
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    aborting = begin(first, "abort", *QUICK)
    wait_until_doing(first, "starting an instance of version 1")
    os.killpg(aborting.pid, signal.SIGKILL)
    aborting.communicate()
    first.done("mfupgrade", "abort", *QUICK)
    assert routed_versions(first) == ["1", "1"]
    assert steps(first) == [
        ("1", "2", "rolled"),
        ("2", "3", "aborted"),
        ("2", "1", "rolled"),
    ]
    # Nothing of it was completed, so there is nothing to return from.
    refused = first.mf("mfupgrade", "rollback", "echo")
    assert "no upgrade of echo is recorded" in refused.stderr


def test_a_release_that_fails_takes_all_of_the_way_back(first: Platform) -> None:
    failed = first.mf("mfupgrade", "roll", "echo", "4", "--within", "3", *QUICK)
    assert failed.returncode == 1
    assert "echo 2 -> 4: stopped" in failed.stderr
    assert "It goes on. echo 2 -> 1: 2 instances to be replaced" in failed.stderr
    assert routed_versions(first) == ["1", "1"]


def test_what_may_not_stand_side_by_side_is_refused(first: Platform) -> None:
    before = versions(first)
    for command in (["mfrun", "echo", "3"], ["mfupgrade", "try", "echo"]):
        refused = first.mf(*command)
        assert (refused.returncode, refused.stdout) == (1, "")
        assert "echo 3 may not run beside echo 1, which runs" in refused.stderr
        assert "mfupgrade roll echo 3" in refused.stderr
    assert versions(first) == before
    first.done("mfkill", "echo")
    first.done("mfrun", "echo", "3")
    refused = first.mf("mfrun", "echo", "1")
    assert "echo 1 may not run beside echo 3, which runs" in refused.stderr
    assert "mfupgrade roll echo 1" in refused.stderr
    assert list(versions(first).values()) == ["3"]


def test_one_that_is_started_meanwhile_ends_the_upgrade_and_not_the_service(
    first: Platform,
) -> None:
    process = begin(first, "roll", "echo", "--watch", "1")
    wait_until_doing(first, "waiting for a look")
    # However long that takes here: beside 2 it may stand.
    os.killpg(process.pid, signal.SIGSTOP)
    try:
        first.done("mfrun", "echo", "1")
    finally:
        os.killpg(process.pid, signal.SIGCONT)
    shown, told = process.communicate(timeout=300)
    assert process.returncode == 1, shown
    assert "echo 3 may not run beside echo 1, which runs" in told
    assert set(routed_versions(first)) == {"1"}


def test_without_the_release_between_nothing_is_changed(first: Platform) -> None:
    before = versions(first)
    refused = first.mf("mfupgrade", "roll", "echo", "5")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "the way leads over echo 2.5, which cannot be built" in refused.stderr
    assert "echo has no release '2.5'. Releases: 1 2" in refused.stderr
    assert versions(first) == before
    assert read(first, CURRENT_KEY) is None and steps(first) == []


@pytest.mark.parametrize("nonsense", ["soon", "9", "7"])
def test_nonsense_is_refused_when_it_is_built(first: Platform, nonsense: str) -> None:
    write(first, "7", nonsense)
    try:
        refused = first.mf("mfbuild", "echo")
    finally:
        write(first, "3", "2")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert f"echo 7 says RUNS_BESIDE={nonsense} in its service.env" in refused.stderr
