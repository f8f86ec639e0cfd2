"""A platform with good and bad releases of echo, and instances of the first."""

import json
import subprocess
from typing import Any

import pytest
from daemons import wait_for
from platforms import Platform

from mfplatform.upgrade.lock import KEY as LOCK_KEY
from mfplatform.upgrade.store import CURRENT_KEY, HISTORY_KEY
from microflack_common.registry import Registry

DEFECTS = {"3": "never ready", "4": "dies", "5": "errs"}
QUICK = ("--watch", "1")


def release(platform: Platform, version: str, defect: str = "") -> None:
    """Build a release of echo."""
    folder = platform.folder / "microflack_echo"
    (folder / "VERSION").write_text(f"{version}\n")
    (folder / "defect").write_text(defect)
    platform.done("mfbuild", "echo")


@pytest.fixture(scope="module")
def built(running: Platform) -> Platform:
    """Return the running platform with all releases built; 2 is the latest."""
    for version, defect in DEFECTS.items():
        release(running, version, defect)
    release(running, "2")
    return running


@pytest.fixture
def one(built: Platform) -> Platform:
    """Return the platform with one instance of release 1, and no upgrade known."""
    return prepared(built, 1)


@pytest.fixture
def two(built: Platform) -> Platform:
    """Return it with two."""
    return prepared(built, 2)


def prepared(built: Platform, number: int) -> Platform:
    """Return the platform with so many instances of release 1."""
    for key in (CURRENT_KEY, HISTORY_KEY, LOCK_KEY):
        forget(built, key)
    found = versions(built)
    others = [name for name, version in found.items() if version != "1"]
    ones = [name for name, version in found.items() if version == "1"]
    built.side_by_side(*[("mfrun", "echo", "1")] * (number - len(ones)))
    built.side_by_side(*(("mfkill", name) for name in [*others, *ones[number:]]))
    return built


def versions(platform: Platform) -> dict[str, str]:
    """Return the version of each instance."""
    rows = platform.status()["instances"]
    return {one["instance"]: one["version"] for one in rows}


def routed_versions(platform: Platform) -> list[str]:
    """Return the versions that get requests."""
    rows = platform.status()["instances"]
    ready = [one["version"] for one in rows if one["routed"] == "ready"]
    # What begins while the two lists are put together has no version yet.
    return sorted(version for version in ready if version)


def read(platform: Platform, key: str) -> Any:
    """Return what a key holds, as JSON; None if it is not there."""
    value = Registry(platform.registry).get(key)
    return None if value is None else json.loads(value)


def forget(platform: Platform, key: str) -> None:
    """Remove a key."""
    Registry(platform.registry).delete(key)


def begin(platform: Platform, *arguments: str) -> subprocess.Popen[str]:
    """Call mfupgrade and do not wait for it."""
    return subprocess.Popen(
        [platform.folder / "microflack_admin" / "bin" / "mfupgrade", *arguments],
        env=platform.environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def wait_until_watched(platform: Platform, version: str) -> None:
    """Wait until the trial of a version is up, which then needs no lock any more."""

    def is_watched() -> bool:
        routed = routed_versions(platform)
        return version in routed and read(platform, LOCK_KEY) is None

    wait_for(is_watched)


def wait_until_doing(platform: Platform, beginning: str) -> None:
    """Wait until an upgrade is at a stage."""

    def is_there() -> bool:
        current = read(platform, CURRENT_KEY) or {"doing": ""}
        return bool(current["doing"].startswith(beginning))

    wait_for(is_there)


def wait_until_half_done(platform: Platform) -> None:
    """Wait until the first of two old instances is gone, and the second is not.

    The registry tells it at once; while `mfstatus` looks, the second may be gone, too.
    """
    wait_until_doing(platform, "stopping")
    wait_until_doing(platform, "starting")
