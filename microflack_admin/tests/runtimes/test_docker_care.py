"""What runs beside containers: the caretaker, the page for operators, Prometheus."""

import os
import signal
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
import requests
from daemons import wait_for
from engines import Engine
from platforms import Platform

from mfplatform.caretaker import store
from mfplatform.runtime.docker import memory
from mfplatform.runtime.handling import MemoryUse
from mfplatform.state import lb_state, process_tree
from microflack_common.registry import Registry

# What it waits for takes ten times as long where others have the processors.
TIMEOUT_SECONDS = 600


@pytest.fixture
def two(engine: Engine, containers: Platform) -> Iterator[Platform]:
    """Return the platform with two instances that are wanted, and a caretaker."""
    containers.have_one_instance()
    containers.done("mfup", MF_CARETAKER="on")
    containers.done("mfscale", "echo", "2")
    yield containers
    containers.done("mfscale", "--forget", "echo")
    # The other tests of this platform do without.
    containers.done("mfup", MF_CARETAKER="off")
    assert not [one for one in states(containers) if one == "caretaker"]


def states(platform: Platform) -> dict[str, str]:
    return {one["name"]: one["state"] for one in platform.status()["parts"]}


def ready(platform: Platform) -> list[str]:
    """Return the instances that get requests."""
    balancer, _ = lb_state.read(Registry(platform.registry))
    found = balancer.services.get("echo", {}).get("instances", {})
    return [name for name, one in found.items() if one["state"] == "ready"]


def container(engine: Engine, platform: Platform, name: str) -> str:
    """Return the id of an instance's container."""
    mark = f"label=microflack.home={platform.home}"
    named = ("--filter", f"name=-{name}$")
    return engine.docker("ps", "--quiet", "--filter", mark, *named)


def recycled(platform: Platform) -> dict[str, str]:
    """Return why each instance was replaced that was."""
    told = store.entries(Registry(platform.registry))
    done = [one for one in told if one["kind"] == "Recycle"]
    return {one["command"].split()[-1]: one["why"] for one in done}


def test_what_was_killed_or_stands_still_is_replaced(
    engine: Engine, two: Platform
) -> None:
    assert states(two)["caretaker"] == "running"
    killed, frozen = ready(two)
    # For the engine a person has stopped it: it does not start that again.
    engine.docker("kill", container(engine, two, killed))
    wait_for(lambda: killed in recycled(two), TIMEOUT_SECONDS)
    assert recycled(two)[killed].startswith(f"{killed} has no process for ")
    engine.docker("pause", container(engine, two, frozen))
    os.kill(two.pid("caretaker"), signal.SIGKILL)
    wait_for(lambda: frozen in recycled(two), TIMEOUT_SECONDS)
    assert recycled(two)[frozen].startswith(f"{frozen} gives no answer for ")
    wait_for(lambda: len(ready(two)) == 2, TIMEOUT_SECONDS)
    assert not {killed, frozen} & set(ready(two))
    assert "caretaker" in two.done("mflogs", "caretaker", "-n", "5")


def test_parts_that_stand_still_or_were_stopped_are_back(
    engine: Engine, two: Platform
) -> None:
    paused, stopped = two.pid("redis"), two.pid("registry")
    engine.docker("pause", container(engine, two, "redis"))
    os.kill(stopped, signal.SIGSTOP)
    # For the engine a person has done it, who does not want it back.
    engine.docker("kill", container(engine, two, "logs"))
    assert process_tree.stands_still(paused)
    wait_for(
        lambda: not any(map(process_tree.stands_still, (paused, stopped))),
        TIMEOUT_SECONDS,
    )
    wait_for(lambda: states(two)["logs"] == "running", TIMEOUT_SECONDS)
    assert (two.pid("redis"), two.pid("registry")) == (paused, stopped)


def test_somebody_is_told_of_a_part_that_dies_again_and_again(
    two: Platform, tmp_path: Path
) -> None:
    told = tmp_path / "told"
    two.done("mfup", MF_HOOK=f"echo $MF_EVENT: $MF_TEXT >>'{told}'")

    def is_told() -> bool:
        with suppress(ProcessLookupError):
            os.kill(two.pid("redis"), signal.SIGKILL)
        return told.exists() and "crash-loop: redis " in told.read_text()

    wait_for(is_told, TIMEOUT_SECONDS)
    two.done("mfup", MF_HOOK="none")


def operator(platform: Platform, path: str) -> requests.Response:
    """Ask for what the load balancer has for operators."""
    secrets = (platform.home / "secrets.env").read_text().splitlines()
    password = dict(line.split("=", 1) for line in secrets)["STATS_PASSWORD"]
    url = f"http://127.0.0.1:{platform.settings['OPERATOR_PORT']}{path}"
    return requests.get(url, auth=("admin", password), timeout=120)


def test_operators_have_their_page_figures_and_backups(
    two: Platform, tmp_path: Path
) -> None:
    told = {"MF_STATUS": "on", "MF_BACKUP": str(tmp_path)}
    two.done("mfup", "--metrics", **told)
    assert {"caretaker", "prometheus", "status"} <= set(states(two))
    look = operator(two, "/status/look").json()["look"]
    assert "echo" in str(look)
    figures = operator(two, "/metrics").text
    for name in ("haproxy", "prometheus", *ready(two)):
        assert f'microflack_memory_bytes{{name="{name}"}} ' in figures
    wait_for(lambda: list(tmp_path.glob("*.mfbackup")), TIMEOUT_SECONDS)
    two.done("mfup", "--no-metrics", MF_STATUS="off", MF_BACKUP="none")
    assert not {"prometheus", "status"} & set(states(two))
    assert states(two)["caretaker"] == "running"


def test_mfdown_leaves_nothing_of_what_is_beside_containers(two: Platform) -> None:
    two.done("mfdown")
    assert two.processes() == []
    two.done("mfup")
    assert (states(two)["caretaker"], len(ready(two))) == ("running", 2)


@pytest.mark.parametrize(
    "details", [{"total_inactive_file": 30}, {"inactive_file": 30}]
)
def test_copies_of_files_take_no_memory(details: dict[str, int]) -> None:
    figures = {"usage": 100, "limit": 512, "stats": details}
    assert memory.read(figures) == MemoryUse(70, 512)
    assert memory.read({}) == MemoryUse(0, 0)
