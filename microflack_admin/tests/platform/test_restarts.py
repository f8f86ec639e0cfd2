"""What dies right after its start is started again later, and mfstatus says so."""

import os
import signal
from pathlib import Path

import pytest
from daemons import wait_for
from platforms import Platform

from mfplatform.runtime.process import restarts

pytest_plugins = ["platform_fixtures"]


def test_the_first_starts_wait_for_nothing_and_later_ones_longer() -> None:
    delays = [restarts.delay(count) for count in range(20)]
    assert delays[:3] == [0, 0, 0]
    assert delays[3:8] == [1, 2, 4, 8, 15]
    assert set(delays[8:]) == {restarts.MAX_DELAY_SECONDS}


@pytest.mark.parametrize("torn", ["", "x", "1", "1 2 3", "a b"])
def test_a_torn_count_begins_anew(tmp_path: Path, torn: str) -> None:
    file = tmp_path / "env"
    file.with_suffix(".starts").write_text(torn)
    restarts.wait_for_turn(file)
    assert restarts.short_lives(file) == 0


def test_only_short_lives_are_counted(tmp_path: Path) -> None:
    file = tmp_path / "env"
    for _ in range(3):
        restarts.wait_for_turn(file)
    assert restarts.short_lives(file) == restarts.restarts(file) == 2
    file.with_suffix(".starts").write_text("2 1000.0")
    restarts.wait_for_turn(file)
    assert restarts.short_lives(file) == 0


def test_what_dies_again_and_again_is_seen(platform: Platform) -> None:
    name = platform.done("mfrun", "echo", "--", "GREETING=soon broken")
    image = platform.home / "images" / "echo" / "tags" / "latest" / "app" / "boot.sh"
    text = image.read_text()
    image.write_text("#!/bin/sh\necho last words\nexit 3\n")
    try:
        os.kill(platform.pid(name), signal.SIGKILL)
        wait_for(
            lambda: "crash-looping, last: exit status 3" in health(platform, name), 120
        )
        assert "last words" in platform.done("mflogs", name)
    finally:
        image.write_text(text)
    wait_for(lambda: health(platform, name) == "ready", 120)


def health(platform: Platform, name: str) -> str:
    rows = {one["instance"]: one["health"] for one in platform.status()["instances"]}
    return str(rows[name])


def test_what_serves_though_the_supervisor_died_is_told(platform: Platform) -> None:
    supervisor = platform.home / "supervisor" / "supervisord.pid"
    os.kill(int(supervisor.read_text()), signal.SIGKILL)
    shown = platform.mf("mfstatus")
    assert shown.returncode == 1
    assert "has died. What it ran serves on" in shown.stderr
    assert "echo-" in shown.stderr and "mariadb" in shown.stderr
    platform.done("mfup")
    assert platform.works()
