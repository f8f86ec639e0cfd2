"""mfbuild: images of services, from the working tree and from history."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from platforms import Platform
from repositories import commit, git

pytest_plugins = ["platform_fixtures"]
NOWHERE = {"HTTP_PROXY": "http://127.0.0.1:1", "HTTPS_PROXY": "http://127.0.0.1:1"}


@pytest.fixture
def released(fresh: Platform) -> Iterator[Platform]:
    """Return a checkout with release 1 of echo in its history, and a change since."""
    (fresh.folder / ".gitignore").write_text(".microflack/\n__pycache__/\n*.log\n")
    commit(fresh.folder, "echo 1", "echo 1")
    with open(echo(fresh) / "echo.py", "a") as source:
        source.write("# a change\n")
    yield fresh


def echo(platform: Platform) -> Path:
    return platform.folder / "microflack_echo"


def image(platform: Platform, tag: str = "latest") -> Path:
    return (platform.home / "images" / "echo" / "tags" / tag).resolve()


def test_an_image_has_the_code_and_its_own_environment(fresh: Platform) -> None:
    assert "built" in fresh.done("mfbuild", "echo")
    assert (image(fresh) / "app" / "echo.py").exists()
    python = image(fresh) / "venv" / "bin" / "python"
    code = "import sys; print(sys.prefix)"
    prefix = subprocess.check_output([python, "-c", code], text=True).strip()
    assert Path(prefix) == image(fresh) / "venv"
    assert image(fresh) == image(fresh, "1")


def test_building_again_does_nothing_and_needs_no_network(fresh: Platform) -> None:
    fresh.done("mfbuild", "all", **NOWHERE)
    before = image(fresh), image(fresh).stat().st_mtime_ns
    assert "nothing to do" in fresh.done("mfbuild", "all", **NOWHERE)
    assert (image(fresh), image(fresh).stat().st_mtime_ns) == before


def test_platforms_with_the_same_store_build_an_image_once(
    released: Platform, tmp_path: Path
) -> None:
    (released.home / "image-store").symlink_to(tmp_path)
    assert "built" in released.done("mfbuild", "echo")
    (stored,) = (path.parent for path in tmp_path.glob("echo/*/complete"))
    assert image(released) == stored
    first = (stored / "app").stat().st_mtime_ns
    # As on another platform, which has nothing yet.
    shutil.rmtree(released.home / "images")
    assert "built" in released.done("mfbuild", "echo")
    assert image(released) == stored
    assert (stored / "app").stat().st_mtime_ns == first
    assert "nothing to do" in released.done("mfbuild", "echo")


def test_a_change_makes_another_image_and_leaves_the_first_alone(
    fresh: Platform,
) -> None:
    fresh.done("mfbuild", "echo")
    first = image(fresh)
    code = (first / "app" / "echo.py").read_text()
    (echo(fresh) / "echo.py").write_text(code + "# a change\n")
    fresh.done("mfbuild", "echo")
    assert image(fresh) != first
    assert (first / "app" / "echo.py").read_text() == code


def test_an_image_whose_python_is_gone_is_made_again(fresh: Platform) -> None:
    fresh.done("mfbuild", "echo")
    python = image(fresh) / "venv" / "bin" / "python"
    # As after an upgrade of the distribution.
    python.unlink()
    python.symlink_to("/usr/bin/python3.none")
    assert ", built" in fresh.done("mfbuild", "echo")
    subprocess.run([python, "-c", ""], check=True)


def test_what_is_not_run_makes_no_new_image(fresh: Platform) -> None:
    fresh.done("mfbuild", "echo")
    first = image(fresh)
    (echo(fresh) / "README.md").write_text("# Echo\n")
    (echo(fresh) / "tests").mkdir()
    (echo(fresh) / "tests" / "test_echo.py").write_text("")
    (echo(fresh) / ".env").write_text("SECRET_KEY=private\n")
    fresh.done("mfbuild", "echo")
    assert image(fresh) == first


def test_the_folder_that_is_built_stays_as_it_is(fresh: Platform) -> None:
    before = sorted(echo(fresh).rglob("*"))
    fresh.done("mfbuild", "echo")
    assert sorted(echo(fresh).rglob("*")) == before


def test_a_release_is_built_from_history(released: Platform) -> None:
    assert "echo 1: " in released.done("mfbuild", "echo@1")
    assert "# a change" not in (image(released, "1") / "app/echo.py").read_text()
    assert "# a change" in (echo(released) / "echo.py").read_text()


def test_a_number_stays_that_release_when_the_tree_has_gone_on(
    released: Platform,
) -> None:
    released.done("mfbuild", "echo@1")
    first = image(released, "1")
    assert "echo latest: " in released.done("mfbuild", "echo")
    assert image(released, "1") == first
    assert "# a change" in (image(released) / "app" / "echo.py").read_text()


def test_what_git_ignores_is_not_built(released: Platform) -> None:
    (echo(released) / "echo.log").write_text("noise")
    (echo(released) / "new.py").write_text("")
    released.done("mfbuild", "echo")
    assert (image(released) / "app" / "new.py").exists()
    assert not (image(released) / "app" / "echo.log").exists()


def test_an_interrupted_build_is_done_again(fresh: Platform) -> None:
    fresh.done("mfbuild", "echo")
    (image(fresh) / "complete").unlink()
    (image(fresh) / "app" / "boot.sh").unlink()
    assert "built" in fresh.done("mfbuild", "echo")
    assert os.access(image(fresh) / "app" / "boot.sh", os.X_OK)


def test_two_builds_at_once_give_one_image(fresh: Platform) -> None:
    with ThreadPoolExecutor() as pool:
        both = list(pool.map(lambda _: fresh.done("mfbuild", "echo"), range(2)))
    assert sorted("nothing to do" in said for said in both) == [False, True]


def test_requirements_that_cannot_be_had_fail_with_the_reason(fresh: Platform) -> None:
    (echo(fresh) / "requirements.txt").write_text("no-such-thing-at-all==1.0\n")
    result = fresh.mf("mfbuild", "echo", UV_OFFLINE="1")
    assert result.returncode == 1
    assert "no-such-thing-at-all" in result.stderr
    assert not list((fresh.home / "images" / "echo").glob("*/complete"))


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "which service?"),
        (("nix",), "Known services: echo"),
        (("../echo",), "Known services: echo"),
        (("echo@",), "which release of echo?"),
        (("--fast",), "unknown option --fast"),
    ],
)
def test_a_wrong_call_is_refused(
    fresh: Platform, arguments: tuple[str, ...], said: str
) -> None:
    result = fresh.mf("mfbuild", *arguments)
    assert (result.returncode, result.stdout) == (2, "")
    assert said in result.stderr


def test_an_unknown_release_is_refused_with_those_there_are(
    released: Platform,
) -> None:
    result = released.mf("mfbuild", "echo@7")
    assert result.returncode == 2
    assert "Releases: 1" in result.stderr


def test_without_tools_it_says_how_to_have_them(fresh: Platform) -> None:
    result = fresh.mf("mfbuild", "echo", MF_HOME=str(fresh.folder / "none"))
    assert result.returncode == 1
    assert "mfup" in result.stderr


def test_without_its_history_a_checkout_builds_what_it_holds(
    released: Platform, tmp_path: Path
) -> None:
    git(released.folder, "add", "--all")
    git(released.folder, "commit", "--quiet", "-m", "A change")
    git(tmp_path, "clone", "--quiet", "--depth=1", f"file://{released.folder}", "part")
    shutil.rmtree(released.folder / ".git")
    (tmp_path / "part" / ".git").rename(released.folder / ".git")
    assert "echo" in released.done("mfbuild", "echo")
    refused = released.mf("mfbuild", "echo@1")
    assert refused.returncode == 2
    assert "only the newest part of the history" in refused.stderr
    assert "git fetch --unshallow" in refused.stderr


def test_a_history_that_git_does_not_trust_is_said_to_be_so(
    released: Platform,
) -> None:
    os.chown(released.folder, 12345, 12345)
    os.chown(released.folder / ".git", 12345, 12345)
    assert "echo" in released.done("mfbuild", "echo")
    refused = released.mf("mfbuild", "echo@1")
    assert refused.returncode == 2
    assert "safe.directory" in refused.stderr


def test_what_git_is_set_up_to_do_changes_no_release(
    released: Platform, tmp_path: Path
) -> None:
    released.done("mfbuild", "echo@1")
    before = image(released, "1")
    ignored = tmp_path / "ignored"
    ignored.write_text("VERSION\n*.py\n")
    settings = tmp_path / "gitconfig"
    settings.write_text(f"[core]\nautocrlf = true\nexcludesFile = {ignored}\n")
    hook = {"GIT_DIR": str(tmp_path), "GIT_INDEX_FILE": str(tmp_path / "index")}
    own = {"GIT_CONFIG_GLOBAL": str(settings)}
    assert "nothing to do" in released.done("mfbuild", "echo@1", **own, **hook)
    assert image(released, "1") == before
    assert "# a change" in (image_of_tree(released, **own) / "app/echo.py").read_text()


def image_of_tree(platform: Platform, **settings: str) -> Path:
    platform.done("mfbuild", "echo", **settings)
    return image(platform)
