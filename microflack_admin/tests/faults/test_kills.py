"""Whatever is killed, the chat works again by itself, and nothing is lost."""

import os
import random
import signal
import time

import pytest
from conftest import PARTS, SERVICES


@pytest.mark.parametrize("name", PARTS)
def test_a_part_that_is_killed_is_missed_for_moments_only(platform, crowd, name):
    with crowd.busy():
        os.kill(platform.pid(name), signal.SIGKILL)
        crowd.wait_until_it_works()
    crowd.check()


@pytest.mark.parametrize("name", SERVICES)
def test_one_of_two_instances_that_is_killed_is_not_missed_at_all(
    platform, crowd, name
):
    with crowd.busy():
        os.kill(platform.pid(name), signal.SIGKILL)
        crowd.wait_until_it_works()
    assert crowd.failed_gets == []
    crowd.check()


def test_twenty_kills_in_a_row_lose_nothing(platform, crowd):
    chance = random.Random(20)
    names = (*PARTS, *SERVICES)
    with crowd.busy():
        for _ in range(20):
            kill_when_it_runs(platform, chance.choice(names))
        crowd.wait_until_it_works()
    assert len(crowd.acknowledged) > 20
    crowd.check()


def kill_when_it_runs(platform, name, patience=60):
    """Kill a process, once its predecessor was replaced."""
    end = time.monotonic() + patience
    while not (pid := platform.pid(name)):
        assert time.monotonic() < end, f"{name} does not come back"
        time.sleep(0.05)
    os.kill(pid, signal.SIGKILL)
