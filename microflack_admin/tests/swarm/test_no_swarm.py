"""Where none can be started it says why and how to go on, and leaves nothing."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from daemons import wait_for
from platforms import Platform
from swarms import Swarm


@pytest.fixture
def fresh(swarm: Swarm, first_platform: Platform) -> Iterator[Platform]:
    """Return a platform that has never been started."""
    platform = Platform(
        Path(tempfile.mkdtemp(prefix="mf new ")), first_platform, swarm.engine.address
    )
    platform.runtime = "swarm"
    try:
        yield platform
    finally:
        platform.remove()


def refused(platform: Platform, *words: str, **extra: str) -> None:
    """Have mfup refuse, with some words, and nothing half-made."""
    result = platform.mf("mfup", "--swarm", **extra)
    assert result.returncode in (1, 2), result.stderr
    said = [line for line in result.stderr.splitlines() if line.startswith("mfup:")]
    assert len(said) == 1, result.stderr
    assert all(word in result.stderr for word in words), result.stderr
    assert "Starting" not in result.stderr


def test_an_engine_in_no_swarm(fresh: Platform, swarm: Swarm) -> None:
    fresh.engine = swarm.stranger().engine
    refused(fresh, "in no swarm", "docker swarm init", "docs/swarm.md")
    assert not (fresh.home / "settings.env").exists()


def test_a_worker(fresh: Platform, swarm: Swarm) -> None:
    fresh.engine = swarm.hosts[0].engine
    refused(fresh, "is a worker", "docker node promote")
    assert not (fresh.home / "settings.env").exists()


def test_too_few_managers_for_what_is_only_once_nowhere(
    fresh: Platform, swarm: Swarm
) -> None:
    words = ("needs 3 managers", "has 1", "docker node promote", "--redundant")
    refused(fresh, *words, MF_REDUNDANT="yes")
    refused(fresh, "MF_ADDRESS", "mfup --swarm --redundant", MF_ADDRESS="10.0.0.9")
    assert not (fresh.home / "settings.env").exists()


def test_a_host_that_is_down(fresh: Platform, swarm: Swarm) -> None:
    lost = swarm.hosts[1]
    lost.cut_off()
    try:
        wait_for(lambda: not swarm.is_ready(lost), 300)
        refused(fresh, "do not answer", lost.name, "--availability drain")
    finally:
        lost.cut_off(is_off=False)
        wait_for(lambda: swarm.is_ready(lost), 300)
    assert not (fresh.home / "settings.env").exists()


def test_a_registry_of_images_out_of_reach(fresh: Platform, swarm: Swarm) -> None:
    refused(fresh, "MF_PUSH_TO takes HOST:PORT", MF_PUSH_TO="http://x")
    # Nobody listens there.
    refused(fresh, "no registry of images", "MF_PUSH_TO=own", MF_PUSH_TO="127.0.0.1:1")
    mark = f"label=microflack.home={fresh.home.resolve()}"
    assert swarm.engine.docker("ps", "--all", "--quiet", "--filter", mark) == ""
