"""Platforms of all runtimes, kept for all tests of a run, each by one worker."""

import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from engines import Engine
from platforms import Platform
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

pytest_plugins = ["engine_fixtures", "platform_fixtures"]
# Each runtime, and the fixture that has a platform of it.
RUNTIMES = {"process": "processes", "docker": "containers", "plain": "plain"}


# What needs the engine: whole files, and the same tests for the other runtime.
NEEDS_ENGINE = re.compile(r"test_(browser|docker\w*|install)\.py|\Wdocker\W")


class OneWorkerEach(LoadScopeScheduling):
    """Give all that need the engine to one worker, and the rest to the other."""

    def _split_scope(self, nodeid: str) -> str:
        return "docker" if NEEDS_ENGINE.search(nodeid) else "process"


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> OneWorkerEach:
    """Have the tests of the two runtimes run side by side."""
    return OneWorkerEach(config, log)


@pytest.fixture(scope="session")
def processes(first_platform: Platform) -> Iterator[Platform]:
    """Return a platform of plain processes."""
    platform = Platform(Path(tempfile.mkdtemp(prefix="mf process ")), first_platform)
    try:
        platform.done("mfup")
        yield platform
    finally:
        platform.remove()


@pytest.fixture(scope="session")
def containers(engine: Engine, first_platform: Platform) -> Iterator[Platform]:
    """Return a platform of containers."""
    folder = Path(tempfile.mkdtemp(prefix="mf docker, "))
    platform = Platform(folder, first_platform, engine.address)
    try:
        platform.done("mfup", "--docker")
        yield platform
    finally:
        platform.remove()


@pytest.fixture(scope="session")
def plain(first_platform: Platform) -> Iterator[Platform]:
    """Return a platform of the guide's runtime, whose folder is all that is added."""
    platform = Platform(Path(tempfile.mkdtemp(prefix="mf plain ")), first_platform)
    platform.runtime = "plain"
    runtimes = platform.folder / "microflack_admin" / "mfplatform" / "runtime"
    shutil.copytree(Path(__file__).parent / "plain", runtimes / "plain")
    try:
        platform.done("mfup", "--plain")
        yield platform
    finally:
        platform.remove()


@pytest.fixture
def another(engine: Engine, first_platform: Platform) -> Iterator[Platform]:
    """Return a platform of containers that has never been started."""
    folder = Path(tempfile.mkdtemp(prefix="mf another "))
    platform = Platform(folder, first_platform, engine.address)
    try:
        yield platform
    finally:
        platform.remove()


@pytest.fixture(params=["process", "docker"])
def fresh(
    request: pytest.FixtureRequest, first_platform: Platform
) -> Iterator[Platform]:
    """Return a platform that has never been started, of each runtime we keep up."""
    if request.param == "docker":
        yield request.getfixturevalue("another")
        return
    platform = Platform(Path(tempfile.mkdtemp(prefix="mf new ")), first_platform)
    try:
        yield platform
    finally:
        platform.remove()


@pytest.fixture
def handled(platform: Platform) -> Platform:
    """Return it from where all that it runs can be killed, and made to stand still."""
    return platform


@pytest.fixture(params=RUNTIMES)
def platform(request: pytest.FixtureRequest) -> Platform:
    """Return a running platform of each runtime with exactly one instance of echo."""
    running: Platform = request.getfixturevalue(RUNTIMES[request.param])
    running.have_one_instance()
    return running
