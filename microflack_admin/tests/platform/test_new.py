"""mfnew: the service that it makes, and what it refuses to make."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from platforms import ADMIN, NOT_SOURCE, kept_out

from mfplatform.commands import new
from mftools.testing import migrations

TEMPLATE = ADMIN / "templates" / "service"
# Shorter and longer ones do not exist, before and after all other packages in imports.
NAMES = ["a", "a" * new.LONGEST, "z", "z" * new.LONGEST]


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a checkout with a service, and with a folder that is none."""
    root = tmp_path_factory.mktemp("checkout")
    shutil.copytree(ADMIN, root / "microflack_admin", ignore=kept_out)
    common = ADMIN.parent / "microflack_common"
    shutil.copytree(common, root / common.name, ignore=NOT_SOURCE)
    for name in ("microflack_taken", "microflack_left"):
        (root / name).mkdir()
    described = "SERVICE_URL=/api/taken\nSERVICE_LOCATIONS=/api/rooms /api/beds\n"
    (root / "microflack_taken" / "service.env").write_text(described)
    return root


def mfnew(checkout: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    own = {k: v for k, v in os.environ.items() if not k.startswith("MF_")}
    return subprocess.run(
        [checkout / "microflack_admin" / "bin" / "mfnew", *arguments],
        env=own,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )


def check_refused(
    checkout: Path, arguments: list[str], status: int, reason: str
) -> None:
    before = sorted(checkout.iterdir())
    done = mfnew(checkout, *arguments)
    assert (done.returncode, done.stdout) == (status, ""), done.stderr
    first, *usage = done.stderr.splitlines()
    assert first.startswith("mfnew: ") and reason in first
    assert all(line.startswith("Usage: ") for line in usage)
    assert sorted(checkout.iterdir()) == before


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("Notes", "no name for a service"),
        ("../notes", "no name for a service"),
        ("no__tes", "no name for a service"),
        ("n" * (new.LONGEST + 1), "no name for a service"),
        ("", "no name for a service"),
        ("class", "a word of Python's own"),
        ("match", "a word of Python's own"),
        ("queue", "a module of Python's standard library"),
        ("haproxy", "means something else here"),
        ("root", "means something else here"),
        ("faults", "means something else here"),
    ],
)
def test_what_no_service_can_be_called_is_refused(name: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        new.check_name(name, ADMIN.parent)


@pytest.mark.parametrize("words", [[], ["notes", "lists"], ["--now"], ["class"]])
def test_a_wrong_call_is_refused(checkout: Path, words: list[str]) -> None:
    check_refused(checkout, words, 2, "")


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("taken", "there is a service 'taken' already"),
        ("beds", "/api/beds belongs to taken already"),
        ("left", "exists already, and is no service"),
    ],
)
def test_what_is_there_stays_as_it_is(checkout: Path, name: str, reason: str) -> None:
    check_refused(checkout, [name], 1, reason)


def test_commands_alone_are_no_checkout(tmp_path: Path) -> None:
    shutil.copytree(ADMIN, tmp_path / "microflack_admin", ignore=kept_out)
    check_refused(tmp_path, ["notes"], 1, "is no checkout of MicroFlack")


def test_nothing_is_left_of_what_cannot_be_completed(tmp_path: Path) -> None:
    template = tmp_path / "template"
    shutil.copytree(TEMPLATE, template)
    (template / "zebra.py").write_bytes(b"\xff")
    root = tmp_path / "root"
    root.mkdir()
    with pytest.raises(UnicodeDecodeError):
        new.make("notes", root, template)
    assert list(root.iterdir()) == []


@pytest.mark.parametrize("name", NAMES, ids=["a", "aaa", "z", "zzz"])
def test_what_it_makes_passes_lint_whatever_its_name(tmp_path: Path, name: str) -> None:
    folder = new.make(name, tmp_path, TEMPLATE)
    ruff = Path(sys.executable).with_name("ruff")
    own = ["--no-cache", "--config", ADMIN / "pyproject.toml", "."]
    for check in (["check"], ["format", "--check"]):
        done = subprocess.run(
            [ruff, *check, *own],
            cwd=folder,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stdout
    assert migrations.main([str(folder / "migrations")]) == 0


def test_what_it_makes_keeps_nothing_of_the_template(checkout: Path) -> None:
    done = mfnew(checkout, "notes")
    folder = checkout / "microflack_notes"
    assert (done.returncode, done.stdout) == (0, f"{folder}\n"), done.stderr
    assert "mfbuild notes && mfrun notes" in done.stderr
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert {"routes.py", "test_items.py", ".gitignore"} <= {one.name for one in files}
    assert not [path for path in files if new.EXAMPLE in path.name + path.read_text()]
    assert os.access(folder / "boot.sh", os.X_OK)
