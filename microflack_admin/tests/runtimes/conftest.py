"""Platforms of all runtimes, kept for all tests of a run."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from engines import Engine, NoEngine
from platforms import Platform

# Each runtime, and the fixture that has a platform of it.
RUNTIMES = {"process": "processes", "docker": "containers", "plain": "plain"}


@pytest.fixture(scope="session")
def engine() -> Iterator[Engine]:
    """Return a Docker engine that can build the platform's images."""
    engine = Engine()
    try:
        engine.start()
        engine.make_base()
        yield engine
    except NoEngine as reason:
        pytest.skip(f"no Docker engine here: {reason}")
    finally:
        engine.stop()


@pytest.fixture(scope="session")
def processes() -> Iterator[Platform]:
    """Return a platform of plain processes; it has the tools that others use."""
    platform = Platform(Path(tempfile.mkdtemp(prefix="mf process ")))
    platform.take_tools()
    try:
        platform.done("mfup")
        yield platform
    finally:
        platform.remove()


@pytest.fixture(scope="session")
def containers(engine: Engine, processes: Platform) -> Iterator[Platform]:
    """Return a platform of containers."""
    folder = Path(tempfile.mkdtemp(prefix="mf docker, "))
    platform = Platform(folder, processes, engine.address)
    try:
        platform.done("mfup", "--docker")
        yield platform
    finally:
        platform.remove()


@pytest.fixture(scope="session")
def plain(processes: Platform) -> Iterator[Platform]:
    """Return a platform of the guide's runtime, whose folder is all that is added."""
    platform = Platform(Path(tempfile.mkdtemp(prefix="mf plain ")), processes)
    platform.runtime = "plain"
    runtimes = platform.folder / "microflack_admin" / "mfplatform" / "runtime"
    shutil.copytree(Path(__file__).parent / "plain", runtimes / "plain")
    try:
        platform.done("mfup", "--plain")
        yield platform
    finally:
        platform.remove()


@pytest.fixture
def another(engine: Engine, processes: Platform) -> Iterator[Platform]:
    """Return a platform of containers that has never been started."""
    folder = Path(tempfile.mkdtemp(prefix="mf another "))
    platform = Platform(folder, processes, engine.address)
    try:
        yield platform
    finally:
        platform.remove()


@pytest.fixture(params=RUNTIMES)
def platform(request: pytest.FixtureRequest) -> Platform:
    """Return a running platform of each runtime with exactly one instance of echo."""
    running: Platform = request.getfixturevalue(RUNTIMES[request.param])
    if not running.works():
        running.done("mfup")
    *others, _last = [one["instance"] for one in running.status()["instances"]]
    for instance in others:
        running.done("mfkill", instance)
    return running
