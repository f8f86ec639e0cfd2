"""What is said of a version in several places is the same everywhere."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
VERSIONS = {
    file.parent.name.removeprefix("microflack_"): file.read_text().strip()
    for file in sorted(ROOT.glob("microflack_*/VERSION"))
}
WHEEL = ROOT / "microflack_common"
PIN = re.compile(r"^microflack-common(?:\[.*\])?==(.+)$", re.MULTILINE)


@pytest.fixture(scope="module")
def releases() -> set[str]:
    """Return all releases, such as "users 6"."""
    log = ["git", "log", "--format=%(trailers:key=Release,valueonly)"]
    told = subprocess.run(log, cwd=ROOT, check=True, capture_output=True, text=True)
    return set(filter(None, told.stdout.splitlines()))


def test_every_release_is_in_the_list_of_changes(releases: set[str]) -> None:
    changes = (ROOT / "CHANGELOG.md").read_text()
    assert releases
    for release in releases:
        assert re.search(rf"\b{re.escape(release)}\b(?!\.\d)", changes), release


def test_the_wheel_says_what_each_of_its_versions_brought(releases: set[str]) -> None:
    headings = re.findall(r"^## (.+)$", (WHEEL / "CHANGELOG.md").read_text(), re.M)
    released = {one.split()[1] for one in releases if one.startswith("common ")}
    assert set(headings) == released | {VERSIONS["common"]}
    assert headings[0] == VERSIONS["common"]


@pytest.mark.parametrize("name", sorted(set(VERSIONS) - {"common"}))
def test_a_service_says_one_version_of_itself(name: str) -> None:
    app = ROOT / f"microflack_{name}" / f"microflack_{name}" / "app.py"
    told = re.findall(r"\bversion=(.+),$", app.read_text(), re.MULTILINE)
    assert set(told) <= {f'"{VERSIONS[name]}"', "version(__file__)"}


@pytest.mark.parametrize("name", sorted(set(VERSIONS) - {"common"}))
def test_a_service_pins_a_wheel_that_there_is(name: str, releases: set[str]) -> None:
    [pin] = PIN.findall((ROOT / f"microflack_{name}" / "requirements.in").read_text())
    assert f"common {pin}" in releases or pin == VERSIONS["common"]
