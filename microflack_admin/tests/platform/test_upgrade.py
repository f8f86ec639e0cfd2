"""mfupgrade: what each verb does, and what it refuses."""

import os
import re
import signal
import subprocess
import time

import pytest
from platforms import Platform
from upgrade_fixtures import (
    QUICK,
    begin,
    built,
    one,
    read,
    release,
    routed_versions,
    two,
    versions,
    wait_until_doing,
    wait_until_half_done,
    wait_until_watched,
)

from mfplatform.upgrade.store import CURRENT_KEY, HISTORY_KEY

pytest_plugins = ["platform_fixtures"]
__all__ = ["built", "one", "two"]


def test_a_trial_is_completed_by_a_roll(two: Platform) -> None:
    tried = two.mf("mfupgrade", "try", "echo", "--watch", "1.5")
    assert tried.returncode == 0, tried.stderr
    assert tried.stdout.startswith("echo 1 -> 2: it got no request yet")
    assert "old 1: 0 requests, 0 errors" in tried.stderr
    assert '{"level": "info"' not in tried.stderr and "starts" in tried.stderr
    assert "mfupgrade abort" in tried.stderr
    assert routed_versions(two) == ["1", "1", "2"]
    rolled = two.done("mfupgrade", "roll", *QUICK)
    assert re.fullmatch(r"echo 1 -> 2: rolled; echo-\d+, echo-\d+ serving", rolled)
    assert routed_versions(two) == ["2", "2"]
    (entry,) = read(two, HISTORY_KEY)
    assert (entry["command"], entry["outcome"]) == ("roll", "rolled")
    assert read(two, CURRENT_KEY) is None


def test_a_trial_shows_requests_and_times_of_both(one: Platform) -> None:
    process = begin(one, "try", "echo", "--watch", "3")
    wait_until_watched(one, "2")
    for _ in range(60):
        one.get("/api/echo")
    shown, _ = process.communicate(timeout=60)
    assert "it does as well as the old one" in shown
    old, new = shown.split("|")
    assert "old 1: 30 requests, 0 errors, p50" in old
    assert "new 2: 30 requests, 0 errors, p50" in new and "p95" in new
    one.done("mfupgrade", "abort")
    assert routed_versions(one) == ["1"]
    assert [one["outcome"] for one in read(one, HISTORY_KEY)] == ["aborted"]


def test_ctrl_c_leaves_the_trial_and_another_shell_can_end_it(one: Platform) -> None:
    process = begin(one, "try", "echo")
    wait_until_watched(one, "2")
    os.killpg(process.pid, signal.SIGINT)
    shown, told = process.communicate(timeout=60)
    assert process.returncode == 0, told
    assert "echo 1 -> 2: " in shown and "The trial goes on" in told
    assert routed_versions(one) == ["1", "2"]
    watching = begin(one, "try", "echo")
    assert watching.stderr is not None
    assert watching.stderr.readline().startswith("Trial of echo 1 -> 2")
    assert "Trial of echo 1 -> 2" in one.done("mfupgrade", "history")
    assert one.done("mfupgrade", "abort").startswith("echo 1 -> 2: aborted")
    _, told = watching.communicate(timeout=60)
    assert (watching.returncode, "by another shell" in told) == (0, True)


def test_a_roll_without_a_trial_takes_the_latest(two: Platform) -> None:
    two.done("mfupgrade", "roll", "echo")
    assert routed_versions(two) == ["2", "2"]
    again = two.mf("mfupgrade", "roll", "echo")
    assert (again.returncode, again.stdout) == (0, "")
    assert "nothing to roll: echo runs its image latest already" in again.stderr
    assert "nothing to roll" in two.mf("mfupgrade", "roll").stderr


def test_rollback_returns_to_the_version_before_and_history_tells(
    one: Platform,
) -> None:
    one.done("mfupgrade", "roll", *QUICK)
    one.done("mfupgrade", "rollback", "echo", *QUICK)
    assert routed_versions(one) == ["1"]
    rows = one.done("mfupgrade", "history", "echo").splitlines()
    assert rows[0].split()[:3] == ["BEGAN", "SECONDS", "SERVICE"]
    assert [row.split()[3:8] for row in rows[1:]] == [
        ["echo", "1", "2", "roll", "rolled"],
        ["echo", "2", "1", "rollback", "rolled"],
    ]


def test_what_has_lost_its_tags_can_still_be_returned_to(one: Platform) -> None:
    with open(one.folder / "microflack_echo" / "echo.py", "a") as source:
        source.write("# Something new.\n")
    release(one, "1")
    one.done("mfupgrade", "roll", *QUICK)
    shown = one.done("mfupgrade", "rollback", "echo", *QUICK)
    assert re.match(r"echo 1 \(\w{12}\) -> 1 \(\w{12}\): rolled", shown)
    release(one, "2")


def test_settings_of_an_instance_are_kept(one: Platform) -> None:
    (plain,) = versions(one)
    one.done("mfrun", "echo", "1", "--", "GREETING=hello")
    one.done("mfkill", plain)
    one.done("mfupgrade", "roll", "echo", *QUICK)
    assert one.get("/api/echo")[1]["greeting"] == "hello"
    one.done("mfkill", "echo")


def test_a_release_that_never_gets_ready_is_stopped(one: Platform) -> None:
    before = versions(one)
    result = one.mf("mfupgrade", "roll", "echo", "3", "--within", "2")
    assert (result.returncode, result.stdout) == (1, "")
    assert "echo 1 -> 3: stopped" in result.stderr
    assert "Why: it was not ready within 2 s" in result.stderr
    assert re.search(r"echo-\d+ starts", result.stderr.split("last lines")[1])
    assert versions(one) == before
    assert [one["outcome"] for one in read(one, HISTORY_KEY)] == ["stopped"]


def told_while(process: subprocess.Popen[str], platform: Platform, path: str) -> str:
    """Send requests until an upgrade has stopped itself; return what it told."""
    while process.poll() is None:
        platform.get(path)
        time.sleep(0.02)
    shown, told = process.communicate()
    assert (process.returncode, shown) == (1, "")
    return told


def test_a_release_that_dies_is_stopped(one: Platform) -> None:
    before = versions(one)
    process = begin(one, "try", "echo", "4")
    wait_until_watched(one, "4")
    told = told_while(process, one, "/api/echo?die=1")
    assert "echo 1 -> 4: stopped" in told
    assert "Why: it died after it had been ready" in told
    assert "last lines of its log" in told
    assert versions(one) == before


@pytest.mark.parametrize("verb", ["try", "roll"])
def test_a_release_that_errs_is_stopped_after_few_requests(
    one: Platform, verb: str
) -> None:
    before = versions(one)
    process = begin(one, verb, "echo", "5", "--watch", "20")
    told = told_while(process, one, "/api/echo")
    assert re.search(r"Why: (\d+) of its \1 requests failed, against 0 of \d+", told)
    assert versions(one) == before
    assert "requests failed" in one.done("mfupgrade", "history")


def test_a_release_that_fails_half_way_is_taken_back_whole(two: Platform) -> None:
    process = begin(two, "roll", "echo", "4", "--watch", "2")
    wait_until_half_done(two)
    told = told_while(process, two, "/api/echo?die=1")
    before, _, after = told.partition("Going back")
    assert "drained and stopped" in before
    assert "(1) is ready and gets requests" in after
    assert routed_versions(two) == ["1", "1"]


def test_a_wait_is_for_the_end_of_the_other_upgrade(one: Platform) -> None:
    first = begin(one, "roll", "echo", "2", "--watch", "10")
    wait_until_doing(one, "starting")
    refused = one.mf("mfupgrade", "roll", "echo", "1")
    assert refused.returncode == 1
    assert re.search(
        r"an upgrade is under way: roll of echo, by .+ \(process \d+\) since .+--wait",
        refused.stderr,
    )
    waiting = one.mf("mfupgrade", "roll", "echo", "1", "--wait", *QUICK)
    assert waiting.returncode == 0
    assert "waiting for the end of: roll of echo" in waiting.stderr
    assert first.wait(60) == 0
    first.communicate()
    assert routed_versions(one) == ["1"]
    assert len(read(one, HISTORY_KEY)) == 2


def test_an_unfinished_trial_refuses_what_does_not_belong_to_it(one: Platform) -> None:
    one.done("mfupgrade", "try", "echo", "--watch", "0")
    for command in (["roll", "echo", "1"], ["try", "echo", "1"], ["rollback", "echo"]):
        refused = one.mf("mfupgrade", *command)
        assert refused.returncode == 1
        assert "another upgrade is not finished. Trial of echo 1 -> 2" in refused.stderr
        assert "mfupgrade abort" in refused.stderr
    one.done("mfupgrade", "abort")


@pytest.mark.parametrize(
    ("command", "problem"),
    [
        ([], "try, roll, abort, rollback or history?"),
        (["upgrade"], "there is no 'upgrade'"),
        (["try"], "try: which service?"),
        (["rollback"], "rollback: which service?"),
        (["try", "nonsense"], "Known services: echo"),
        (["roll", "../echo"], "Known services: echo"),
        (["roll", "echo", "../1"], "is no tag"),
        (["roll", "echo", "1", "2"], "too much: 2"),
        (["abort", "echo"], "too much: echo"),
        (["try", "echo", "--watch"], "needs a number of seconds"),
        (["try", "echo", "--within", "-1"], "needs a number of seconds"),
        (["roll", "--force"], "unknown option --force"),
    ],
)
def test_a_wrong_call_is_refused_with_the_right_one(
    built: Platform, command: list[str], problem: str
) -> None:
    result = built.mf("mfupgrade", *command)
    assert (result.returncode, result.stdout) == (2, "")
    assert problem in result.stderr and "Usage: mfupgrade " in result.stderr


@pytest.mark.parametrize(
    ("command", "problem"),
    [
        (["roll", "echo", "7"], "there is no image echo:7"),
        (["try", "echo", "1"], "nothing to try: echo runs its image 1 already"),
        (["abort"], "no upgrade is under way, so there is nothing to abort"),
        (["rollback", "echo"], "no upgrade of echo is recorded"),
    ],
)
def test_what_cannot_be_done_says_what_can(
    one: Platform, command: list[str], problem: str
) -> None:
    result = one.mf("mfupgrade", *command)
    assert (result.returncode, result.stdout) == (1, "")
    assert problem in result.stderr
    assert re.search(r"mf(build|upgrade) ", result.stderr.partition(": ")[2])


def test_a_service_without_an_instance_has_nothing_to_upgrade(one: Platform) -> None:
    one.done("mfkill", "echo")
    result = one.mf("mfupgrade", "roll", "echo")
    assert (result.returncode, result.stdout) == (1, "")
    assert "Start one with: mfrun echo" in result.stderr


def test_without_a_platform_it_says_how_to_start_one(fresh: Platform) -> None:
    result = fresh.mf("mfupgrade", "roll")
    assert result.returncode == 1
    assert "Start one with: mfup" in result.stderr
