"""The scripts that set a machine up, and the machine that Vagrant makes."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from engines import Engine
from platforms import ADMIN, Platform

INSTALL = ADMIN / "install"
SCRIPTS = sorted(path.name for path in INSTALL.glob("*.sh"))


def call(script: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run one of the scripts."""
    command = [INSTALL / script, *arguments]
    return subprocess.run(command, capture_output=True, text=True)


@pytest.mark.parametrize("script", SCRIPTS)
def test_each_script_explains_itself(script: str) -> None:
    shown = call(script, "--help").stdout
    assert shown.startswith("Summary: ") and f"Usage: {script}" in shown
    assert f"`install/{script}" in (ADMIN / "docs" / "reference.md").read_text()


@pytest.mark.parametrize("script", SCRIPTS)
def test_a_wrong_call_is_refused(script: str) -> None:
    result = call(script, "--nonsense")
    assert result.returncode == 2
    assert f"Usage: {script}" in result.stderr


def test_passwords_are_made_once(first_platform: Platform, tmp_path: Path) -> None:
    script = first_platform.folder / "microflack_admin/install/make-db-passwords.sh"
    first = first_platform.run(script, MF_HOME=str(tmp_path))
    file = tmp_path / "secrets" / "echo.env"
    assert first.stdout.split() == [str(file)], first.stderr
    made = file.read_text()
    assert made.startswith("DB_PASSWORD=") and len(made) > 40
    assert file.stat().st_mode & 0o777 == 0o600
    first_platform.run(script, MF_HOME=str(tmp_path))
    assert file.read_text() == made


def test_an_all_in_one_machine_is_set_up_and_again_is_harmless(
    engine: Engine, another: Platform, tmp_path: Path
) -> None:
    script = another.folder / "microflack_admin" / "install" / "setup-all-in-one.sh"
    settings = {
        "HOME": str(tmp_path),
        "MF_HOME": str(another.home),
        "MF_BIND": "127.0.0.1",
    }
    for _ in range(2):
        done = another.run(script, **settings)
        assert done.stdout == f"http://127.0.0.1:{another.port}/\n", done.stderr
    assert another.works()
    profile = (tmp_path / ".profile").read_text()
    assert profile.count("mfvars") == 1
    shell = another.run("bash", "-lc", "mfstatus && echo $ETCD", HOME=str(tmp_path))
    assert "runtime: docker" in shell.stdout, shell.stderr
    assert f":{another.settings['ETCD_PORT']}" in shell.stdout


def test_the_vagrantfile_is_valid(tmp_path: Path) -> None:
    if not shutil.which("vagrant"):
        pytest.skip("vagrant is not installed")
    folder = tmp_path / "microflack_admin"
    folder.mkdir()
    shutil.copy(ADMIN / "Vagrantfile", folder)
    shutil.copytree(INSTALL, folder / "install")
    done = subprocess.run(
        ["vagrant", "validate", "--ignore-provider"],
        cwd=folder,
        env=os.environ | {"VAGRANT_HOME": str(tmp_path / "vagrant")},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
