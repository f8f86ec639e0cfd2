"""mkwheel: the wheel, from the working tree and from history."""

import os
import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest
from platforms import KEPT_OUT, Platform
from repositories import commit

pytest_plugins = ["platform_fixtures"]
ADMIN = Path(__file__).parents[2]


class Wheels:
    """A checkout of the wheel, and the wheelhouse that it fills."""

    def __init__(self, folder: Path, builder: Path) -> None:
        self.folder = folder / "microflack_common"
        self.house = folder / "wheel house"
        common = ADMIN.parent / "microflack_common"
        shutil.copytree(common, self.folder, ignore=KEPT_OUT)
        self.house.mkdir()
        # A builder takes a while to set up and is the same for all.
        (self.house / ".builder").symlink_to(builder / ".builder")
        for wheel in builder.glob("python_etcd-*.whl"):
            shutil.copy(wheel, self.house)
        self.change("0.1", "one")

    def change(self, version: str, text: str) -> None:
        (self.folder / "VERSION").write_text(f"{version}\n")
        (self.folder / "microflack_common" / "which.txt").write_text(text)

    def make(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [self.folder / "mkwheel", *arguments],
            env=os.environ | {"WHEELHOUSE": str(self.house)},
            capture_output=True,
            text=True,
        )

    def which(self, version: str) -> str:
        wheel = self.house / f"microflack_common-{version}-py3-none-any.whl"
        with zipfile.ZipFile(wheel) as archive:
            return archive.read("microflack_common/which.txt").decode()


@pytest.fixture
def wheels(first_platform: Platform, tmp_path: Path) -> Wheels:
    """Return a checkout of the wheel, without history."""
    folder = tmp_path / "check out"
    folder.mkdir()
    return Wheels(folder, first_platform.home / "wheelhouse")


def test_the_working_tree_is_built_once(wheels: Wheels) -> None:
    first = wheels.make()
    assert first.returncode == 0, first.stderr
    assert first.stdout.endswith("microflack_common-0.1-py3-none-any.whl\n")
    again = wheels.make()
    assert (again.stdout, again.stderr) == (first.stdout, "")


def test_a_change_before_the_release_is_built_again(wheels: Wheels) -> None:
    wheels.make()
    wheels.change("0.1", "another")
    wheels.make()
    assert wheels.which("0.1") == "another"


def test_a_released_version_never_changes(wheels: Wheels) -> None:
    commit(wheels.folder.parent, "the wheel", "common 0.1")
    wheels.change("0.1", "too late")
    assert wheels.make().returncode == 0
    assert wheels.which("0.1") == "one"


def test_past_versions_come_from_history(wheels: Wheels) -> None:
    commit(wheels.folder.parent, "the wheel", "users 1", "common 0.1")
    wheels.change("0.2", "two")
    commit(wheels.folder.parent, "the wheel again", "common 0.2")
    wheels.change("0.3", "three")
    assert wheels.make("all").stdout.count("\n") == 3
    assert [wheels.which(f"0.{n}") for n in (1, 2, 3)] == ["one", "two", "three"]


def test_the_tenth_version_is_not_the_first(wheels: Wheels) -> None:
    commit(wheels.folder.parent, "the wheel", "common 0.1")
    wheels.change("0.10", "ten")
    assert wheels.make("all").stdout.count("\n") == 2
    assert [wheels.which(f"0.{n}") for n in (1, 10)] == ["one", "ten"]


def test_it_works_where_the_folder_is_the_repository(wheels: Wheels) -> None:
    commit(wheels.folder, "the wheel", "common 0.1")
    wheels.change("0.2", "two")
    assert wheels.make("0.1").returncode == 0
    assert wheels.which("0.1") == "one"


def test_a_wheel_is_the_same_wherever_it_is_made(wheels: Wheels) -> None:
    wheel = Path(wheels.make().stdout.strip())
    first = wheel.read_bytes()
    wheel.unlink()
    wheels.make()
    assert wheel.read_bytes() == first


def test_an_unknown_version_is_refused_with_those_there_are(wheels: Wheels) -> None:
    commit(wheels.folder.parent, "the wheel", "common 0.1")
    result = wheels.make("7.0")
    assert result.returncode == 2
    assert "there are: 0.1" in result.stderr


@pytest.mark.parametrize("arguments", [("--fast",), ("0.1", "0.2")])
def test_a_wrong_call_is_refused(wheels: Wheels, arguments: tuple[str, ...]) -> None:
    result = wheels.make(*arguments)
    assert result.returncode == 2
    assert "usage: mkwheel" in result.stderr
