"""A platform with releases of echo of which 3 and later do not run beside 1."""

import pytest
from platforms import Platform
from repositories import commit
from upgrade_fixtures import forget

from mfplatform.upgrade.lock import KEY as LOCK_KEY
from mfplatform.upgrade.store import CURRENT_KEY, HISTORY_KEY


def write(
    platform: Platform, version: str, runs_beside: str = "", defect: str = ""
) -> None:
    """Have the folder of echo be a release."""
    folder = platform.folder / "microflack_echo"
    (folder / "VERSION").write_text(f"{version}\n")
    (folder / "defect").write_text(defect)
    lines = (folder / "service.env").read_text().splitlines()
    lines = [line for line in lines if not line.startswith("RUNS_BESIDE=")]
    lines += [f"RUNS_BESIDE={runs_beside}"] if runs_beside else []
    (folder / "service.env").write_text("\n".join(lines) + "\n")


@pytest.fixture(scope="module")
def released(running: Platform) -> Platform:
    """Return the running platform; release 2 is in its history and not built."""
    (running.folder / ".gitignore").write_text(".microflack\n")
    for version, runs_beside in (("1", ""), ("2", "")):
        write(running, version, runs_beside)
        commit(running.folder, f"Release {version}", f"echo {version}")
    running.done("mfbuild", "echo@1")
    # Never ready; over a release that there is not; and the good one, the latest.
    for version, runs_beside, defect in (
        ("4", "2", "never ready"),
        ("5", "2.5", ""),
        ("3", "2", ""),
    ):
        write(running, version, runs_beside, defect)
        running.done("mfbuild", "echo")
    return running


@pytest.fixture
def first(released: Platform) -> Platform:
    """Return the platform with two instances of release 1, and no upgrade known."""
    for key in (CURRENT_KEY, HISTORY_KEY, LOCK_KEY):
        forget(released, key)
    released.done("mfkill", "echo")
    released.side_by_side(*[("mfrun", "echo", "1")] * 2)
    return released
