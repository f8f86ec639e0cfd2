"""An upgrade under load, and one that is killed at each of its stages."""

import os
import signal
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import requests
from platforms import Platform
from upgrade_fixtures import (
    QUICK,
    begin,
    built,
    one,
    read,
    routed_versions,
    two,
    wait_until_doing,
    wait_until_half_done,
)

from mfplatform.upgrade.store import CURRENT_KEY, HISTORY_KEY

pytest_plugins = ["platform_fixtures"]
__all__ = ["built", "one", "two"]

STAGES = ["starting", "waiting for a look", "stopping"]


def kill_when(platform: Platform, stage: str, *command: str) -> None:
    """Kill an upgrade, its shell and nothing else once it has come to a stage."""
    process = begin(platform, *command)
    wait_until_doing(platform, stage)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    assert read(platform, CURRENT_KEY) is not None


@pytest.mark.parametrize("stage", STAGES)
def test_a_roll_that_was_killed_is_completed(two: Platform, stage: str) -> None:
    kill_when(two, stage, "roll", "echo", "--watch", "2")
    again = two.mf("mfupgrade", "roll", *QUICK)
    assert again.returncode == 0, again.stderr
    assert "Roll of echo 1 -> 2, begun by" in again.stderr
    assert "of 2 instances replaced" in again.stderr
    assert routed_versions(two) == ["2", "2"]
    assert [one["outcome"] for one in read(two, HISTORY_KEY)] == ["rolled"]


@pytest.mark.parametrize("stage", ["starting", "stopping"])
def test_a_roll_that_was_killed_is_undone(two: Platform, stage: str) -> None:
    kill_when(two, stage, "roll", "echo", "--watch", "2")
    shown = two.done("mfupgrade", "abort")
    assert shown.startswith("echo 1 -> 2: aborted")
    assert routed_versions(two) == ["1", "1"]
    assert [one["outcome"] for one in read(two, HISTORY_KEY)] == ["aborted"]


def test_an_undoing_that_was_killed_is_undone_to_its_end(two: Platform) -> None:
    process = begin(two, "roll", "echo", *QUICK)
    wait_until_half_done(two)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    kill_when(two, "starting an instance of version 1", "abort")
    result = two.mf("mfupgrade", "roll")
    assert result.returncode == 1
    assert "Undoing echo 1 -> 2" in result.stderr
    assert "Why: somebody aborted it" in result.stderr
    assert routed_versions(two) == ["1", "1"]


def test_ctrl_c_in_a_roll_says_where_it_stands(one: Platform) -> None:
    process = begin(one, "roll", "echo", "--watch", "30")
    wait_until_doing(one, "waiting for a look")
    os.killpg(process.pid, signal.SIGINT)
    _, told = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Interrupted. Roll of echo 1 -> 2" in told
    assert "0 of 1 instances replaced" in told and "mfupgrade abort" in told
    assert one.done("mfupgrade", "history").startswith("Roll of echo 1 -> 2")
    one.done("mfupgrade", "abort")
    assert routed_versions(one) == ["1"]


def test_an_upgrade_outlives_the_platform(one: Platform) -> None:
    one.done("mfupgrade", "try", "echo", "--watch", "0")
    one.crash()
    one.done("mfup")
    assert routed_versions(one) == ["1", "2"]
    one.done("mfupgrade", "roll", *QUICK)
    assert routed_versions(one) == ["2"]


@contextmanager
def load(url: str, clients: int = 6) -> Iterator[Counter[str]]:
    """Send GETs and POSTs on kept connections all the time; yields what came back."""
    seen: Counter[str] = Counter()
    stop, lock = threading.Event(), threading.Lock()

    def run(method: str) -> None:
        with requests.Session() as session:
            while not stop.wait(0.01):
                try:
                    answer = session.request(method, url, data=b"x", timeout=60)
                    what = answer.json()["version"] if answer.ok else answer.text
                except requests.RequestException as error:
                    what = repr(error)
                with lock:
                    seen[what] += 1

    methods = ["GET", "POST"] * (clients // 2)
    threads = [threading.Thread(target=run, args=[one]) for one in methods]
    for thread in threads:
        thread.start()
    try:
        yield seen
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def test_a_roll_there_and_back_loses_no_request(two: Platform) -> None:
    with load(f"http://127.0.0.1:{two.port}/api/echo") as seen:
        two.done("mfupgrade", "roll", "echo", "2", *QUICK)
        two.done("mfupgrade", "rollback", "echo", *QUICK)
    assert routed_versions(two) == ["1", "1"]
    assert set(seen) == {"1", "2"}
    assert sum(seen.values()) > 500
