"""Where a platform's folder may be, and what happens when it is elsewhere one day."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from platforms import Platform

pytest_plugins = ["platform_fixtures"]

# All that means something in the files of the programs that the platform runs.
ODD = "#1 a;b 50%off x[y]{z} 'q' \"r\" back\\slash $HOME `c` ä, ~"


@pytest.fixture
def odd(first_platform: Platform) -> Iterator[Platform]:
    """Return a platform at a path with every sign that could mean something."""
    folder = Path(tempfile.mkdtemp(prefix="mf ")) / ODD
    folder.mkdir()
    platform = Platform(folder, first_platform)
    try:
        yield platform
    finally:
        platform.remove()


def test_a_path_may_have_any_printable_sign(odd: Platform) -> None:
    odd.done("mfup")
    assert odd.works()
    name = odd.done("mfrun", "echo")
    odd.done("mfkill", name)
    # Nothing was written beside it, as by a program that cuts the path short.
    assert [path.name for path in odd.folder.parent.iterdir()] == [ODD]
    odd.done("mfdown")
    assert odd.processes() == []


def test_a_link_to_its_folder_is_the_same_platform(
    platform: Platform, tmp_path: Path
) -> None:
    link = tmp_path / "link"
    link.symlink_to(platform.home)
    before = platform.lasting_status()
    result = platform.mf("mfup", MF_HOME=str(link))
    assert result.returncode == 0, result.stderr
    assert "Starting" not in result.stderr
    assert platform.lasting_status() == before


def test_what_was_moved_comes_back_in_its_new_place(
    fresh: Platform, tmp_path: Path
) -> None:
    fresh.done("mfup")
    names = [one["instance"] for one in fresh.status()["instances"]]
    fresh.done("mfdown")
    moved = tmp_path / "moved"
    fresh.home.rename(moved)
    fresh.home = moved
    elsewhere = {"MF_HOME": str(moved)}
    try:
        fresh.done("mfup", **elsewhere)
        shown = fresh.done("mfstatus", **elsewhere)
        assert all(name in shown for name in names)
        assert fresh.get("/api/echo")[0] == 200
    finally:
        fresh.done("mfdown", **elsewhere)


def test_a_torn_record_of_an_instance_stops_nothing(fresh: Platform) -> None:
    fresh.done("mfup")
    (name,) = (one["instance"] for one in fresh.status()["instances"])
    record = fresh.home / "instances" / name / "instance.json"
    record.write_text("")
    shown = fresh.mf("mfstatus")
    assert shown.returncode == 0
    assert f"The record of the instance {name} cannot be read" in shown.stderr
    fresh.done("mfrun", "echo")
    fresh.done("mfdown")
    assert fresh.processes() == []
    fresh.done("mfup")
    assert fresh.get("/api/echo")[0] == 200
