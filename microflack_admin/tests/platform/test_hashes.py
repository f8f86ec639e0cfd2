"""A service is built of the very files that its requirements.txt has the hashes of."""

import hashlib
import zipfile
from pathlib import Path

import pytest
from platforms import Platform

pytest_plugins = ["platform_fixtures"]
NAME = "mf_counted-1.0-py3-none-any.whl"


def make_wheel(folder: Path, code: str) -> str:
    """Make a wheel of one module; return what pins it with its hash."""
    folder.mkdir(exist_ok=True)
    about = "mf_counted-1.0.dist-info"
    files = {
        "mf_counted.py": code,
        f"{about}/METADATA": "Metadata-Version: 2.1\nName: mf-counted\nVersion: 1.0\n",
        f"{about}/WHEEL": "Wheel-Version: 1.0\nGenerator: a test\n"
        "Root-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "".join(f"{name},,\n" for name in (*files, f"{about}/RECORD"))
    with zipfile.ZipFile(folder / NAME, "w") as archive:
        for name, text in {**files, f"{about}/RECORD": record}.items():
            archive.writestr(name, text)
    digest = hashlib.sha256((folder / NAME).read_bytes()).hexdigest()
    return f"mf-counted==1.0 --hash=sha256:{digest}\n"


@pytest.fixture
def index(fresh: Platform, tmp_path: Path) -> dict[str, str]:
    """Return settings with which what is in a folder can be installed, and no more."""
    settings = {"UV_FIND_LINKS": str(tmp_path / "index"), "UV_OFFLINE": "1"}
    pinned = make_wheel(tmp_path / "index", "ONE = 1\n")
    require(fresh, "mf-counted==1.0\n", pinned)
    return settings | {"UV_CACHE_DIR": str(tmp_path / "cache")}


def require(platform: Platform, named: str, pinned: str) -> None:
    folder = platform.folder / "microflack_echo"
    (folder / "requirements.in").write_text(named)
    (folder / "requirements.txt").write_text(pinned)


def built(platform: Platform) -> list[Path]:
    return list((platform.home / "images" / "echo").glob("*/complete"))


def test_the_file_that_was_meant_is_installed(
    fresh: Platform, index: dict[str, str]
) -> None:
    fresh.done("mfbuild", "echo", **index)
    (complete,) = built(fresh)
    assert list(complete.parent.glob("venv/lib/python3*/site-packages/mf_counted.py"))


def test_another_file_of_its_name_and_version_is_refused(
    fresh: Platform, index: dict[str, str], tmp_path: Path
) -> None:
    make_wheel(tmp_path / "index", "ONE = 2\n")
    result = fresh.mf("mfbuild", "echo", **index)
    assert result.returncode == 1
    assert "mf-counted==1.0" in result.stderr
    assert "mismatch" in result.stderr.lower()
    assert not built(fresh)


def test_what_has_no_hash_is_refused(fresh: Platform, index: dict[str, str]) -> None:
    require(fresh, "mf-counted==1.0\n", "mf-counted==1.0\n")
    result = fresh.mf("mfbuild", "echo", **index)
    assert result.returncode == 1
    assert "mf-counted==1.0" in result.stderr
    assert "hash" in result.stderr
    assert not built(fresh)


def test_what_the_wheel_needs_is_not_fetched_without_being_pinned(
    fresh: Platform, index: dict[str, str]
) -> None:
    version = (fresh.folder / "microflack_common" / "VERSION").read_text().strip()
    require(fresh, f"microflack-common=={version}\n", "")
    result = fresh.mf("mfbuild", "echo", **index)
    assert result.returncode == 1
    assert "microflack-common" in result.stderr
    assert "requires `flask" in result.stderr
    assert not built(fresh)


def test_a_release_of_before_is_built_as_it_was(
    fresh: Platform, index: dict[str, str], tmp_path: Path
) -> None:
    wheel = (tmp_path / "index" / NAME).as_uri()
    require(fresh, "", f"mf-counted @ {wheel}\n")
    (fresh.folder / "microflack_echo" / "requirements.in").unlink()
    fresh.done("mfbuild", "echo", **index)
    assert built(fresh)
