"""mfclone: one repository becomes many, with their histories and tags."""

from pathlib import Path

import pytest
from platforms import Platform
from repositories import commit, git

pytest_plugins = ["platform_fixtures"]


@pytest.fixture
def checkout(fresh: Platform) -> Platform:
    """Return a checkout with three releases of two packages."""
    folder = fresh.folder
    (folder / ".gitignore").write_text(".microflack/\n__pycache__/\n")
    commit(folder, "echo 1", "echo 1", "common 0.1")
    (folder / "microflack_echo" / "echo.py").write_text("# second\n")
    commit(folder, "work on echo")
    (folder / "README.md").write_text("nothing that is in a package\n")
    commit(folder, "echo 2 is complete", "echo 2")
    return fresh


def clones(checkout: Platform) -> Path:
    target = checkout.folder / ".microflack" / "clones here"
    checkout.done("mfclone", str(target))
    return target


def test_every_package_becomes_a_repository(checkout: Platform) -> None:
    target = clones(checkout)
    names = ["microflack_admin", "microflack_common", "microflack_echo"]
    assert sorted(path.name for path in target.iterdir()) == names
    for name in names:
        assert git(target / name, "status", "--porcelain") == ""
        assert git(target / name, "fsck", "--strict") == ""


def test_the_history_is_the_packages_own(checkout: Platform) -> None:
    echo = clones(checkout) / "microflack_echo"
    subjects = git(echo, "log", "--format=%s").split("\n")
    assert subjects == ["echo 2 is complete", "work on echo", "echo 1"]
    common = echo.parent / "microflack_common"
    assert git(common, "log", "--format=%s %an %ai") == (
        "echo 1 A Tester 2023-11-15 00:13:20 +0200"
    )


def test_releases_are_tags(checkout: Platform) -> None:
    target = clones(checkout)
    assert git(target / "microflack_echo", "tag").split() == ["1", "2"]
    assert git(target / "microflack_common", "tag") == "0.1"
    assert git(target / "microflack_admin", "tag") == ""
    git(target / "microflack_echo", "checkout", "--quiet", "1")
    original = checkout.folder / "microflack_echo"
    there = (target / "microflack_echo" / "echo.py").read_text()
    assert there == git(original, "show", "HEAD~2:./echo.py") + "\n"


def test_the_clones_do_not_need_the_original(checkout: Platform) -> None:
    target = clones(checkout)
    assert not list(target.glob("*/.git/objects/info/alternates"))


def test_the_commands_work_in_the_clones(checkout: Platform) -> None:
    target = clones(checkout)
    (target / ".microflack").mkdir()
    for name in ("tools", "wheelhouse"):
        (target / ".microflack" / name).symlink_to(checkout.home / name)
    there = Platform.__new__(Platform)
    there.folder, there.home, there.port = target, target / ".microflack", 0
    assert "echo 1: image" in there.done("mfbuild", "echo@1")
    git(target / "microflack_echo", "checkout", "--quiet", "1")
    assert "echo 2: image" in there.done("mfbuild", "echo@2")


def test_what_is_there_is_not_overwritten(checkout: Platform, tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("precious")
    result = checkout.mf("mfclone", str(tmp_path))
    assert result.returncode == 1
    assert "is there already" in result.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


def test_without_history_it_says_so(fresh: Platform, tmp_path: Path) -> None:
    result = fresh.mf("mfclone", str(tmp_path / "new"))
    assert result.returncode == 1
    assert "is not the repository" in result.stderr
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("arguments", [(), ("a", "b"), ("--all",)])
def test_a_wrong_call_is_refused(fresh: Platform, arguments: tuple[str, ...]) -> None:
    result = fresh.mf("mfclone", *arguments)
    assert result.returncode == 2
    assert "Usage: mfclone DIR" in result.stderr
