"""A swarm, and a platform on it."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from engines import NoEngine
from platforms import Platform
from swarms import Swarm

pytest_plugins = ["platform_fixtures"]
pytest.register_assert_rewrite("test_conformance")
HOSTS = 3


@pytest.fixture(scope="session")
def engine_alone() -> Iterator[Swarm]:
    """Return an engine that is in no swarm."""
    swarm = Swarm()
    try:
        if not shutil.which("nsenter"):
            raise NoEngine("not installed: nsenter")
        swarm.start()
        yield swarm
    except NoEngine as reason:
        pytest.skip(f"no swarm here: {reason}")
    finally:
        swarm.stop()


@pytest.fixture(scope="session")
def swarm(engine_alone: Swarm) -> Swarm:
    """Return a swarm of some hosts."""
    engine_alone.init()
    for _ in range(int(os.environ.get("SWARM_HOSTS", HOSTS)) - 1):
        engine_alone.join()
    return engine_alone


@pytest.fixture(scope="session")
def on_swarm(swarm: Swarm, first_platform: Platform) -> Iterator[Platform]:
    """Return a running platform on it."""
    folder = Path(tempfile.mkdtemp(prefix="mf swarm "))
    platform = Platform(folder, first_platform, swarm.engine.address)
    platform.runtime = "swarm"
    try:
        platform.done("mfup", "--swarm")
        yield platform
    finally:
        platform.remove()


@pytest.fixture
def handled(platform: Platform, swarm: Swarm) -> Iterator[Platform]:
    """Return it with its instance on the manager, from where that can be killed."""
    platform.done("mfkill", "all")
    swarm.availability("pause", role="worker")
    try:
        platform.done("mfrun", "echo")
        yield platform
    finally:
        swarm.availability("active")


@pytest.fixture
def platform(on_swarm: Platform) -> Platform:
    """Return it with exactly one instance of echo."""
    on_swarm.have_one_instance()
    return on_swarm
