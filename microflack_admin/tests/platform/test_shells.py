"""What the caller's shell and machine are like must not matter, or is said."""

import fcntl
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest
from daemons import wait_for
from platforms import ADMIN, Platform

from mfplatform.runtime.process.program_config import base_environment
from mfplatform.state.home import read_env

pytest_plugins = ["platform_fixtures"]

LISTS = Path("/var/lib/apt/lists/lock")


def in_bash(script: str, **extra: str) -> subprocess.CompletedProcess[str]:
    """Run a script that has what every command has."""
    return subprocess.run(
        ["bash", "-c", f'source "$0/lib/common.bash"\n{script}', str(ADMIN)],
        env=os.environ | extra,
        capture_output=True,
        text=True,
    )


def test_what_a_shell_has_exported_changes_nothing(platform: Platform) -> None:
    odd = {"CDPATH": f".:{platform.folder}", "SHELLOPTS": "noclobber", "GIT_DIR": "/"}
    script = "source microflack_admin/mfvars && mfstatus && mfbuild echo"
    shown = subprocess.run(
        ["bash", "-c", script],
        cwd=platform.folder,
        env=platform.environment(**odd),
        capture_output=True,
        text=True,
    )
    assert shown.returncode == 0, shown.stderr
    assert "MicroFlack at" in shown.stdout and "echo" in shown.stdout


@pytest.mark.parametrize(
    "odd",
    [
        {"SHELLOPTS": "noglob"},
        {"SHELLOPTS": "keyword:allexport"},
        {"SHELLOPTS": "posix:physical"},
        {"POSIXLY_CORRECT": "1"},
        {"BASHOPTS": "nullglob:failglob:nocasematch:xpg_echo"},
        {"BASH_FUNC_cd%%": '() { builtin cd "$@" && ls; }'},
        {"BASH_FUNC_sed%%": "() { echo mine; }"},
        {"TMPDIR": "/nonexistent"},
        {"PYTHONHOME": "/nonexistent", "PYTHONINSPECT": "1"},
        {"PYTHONPATH": "/nonexistent", "PYTHONWARNINGS": "error"},
        {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONIOENCODING": "ascii"},
        {"TAR_OPTIONS": "--verbose", "PIP_USER": "1", "UV_SYSTEM_PYTHON": "1"},
    ],
    ids=str,
)
def test_no_shell_is_too_odd(platform: Platform, odd: dict[str, str]) -> None:
    listed = platform.done("mfbuild", "--list", "echo", **odd)
    assert "latest" in listed
    assert platform.done("mfbuild", "all", **odd).endswith("it is there")
    assert "echo" in platform.done("mfstatus", **odd)
    refused = platform.mf("mfrun", "nix", **odd)
    assert "Known services: echo" in refused.stderr


def test_too_few_open_files_are_told_with_the_way_out(fresh: Platform) -> None:
    program = fresh.folder / "microflack_admin" / "bin" / "mfup"
    few = fresh.run("bash", "-c", 'ulimit -n 1024 && exec "$0"', str(program))
    assert few.returncode == 1
    assert "only 1024 files may be open" in few.stderr
    assert "ulimit -n 4096" in few.stderr and "Traceback" not in few.stderr


@pytest.fixture
def old_python(tmp_path: Path) -> Path:
    """Return a folder whose python3 is too old."""
    program = tmp_path / "python3"
    program.write_text("#!/bin/sh\nexit 1\n")
    program.chmod(0o755)
    return tmp_path


def test_a_python_that_is_too_old_is_passed_over(old_python: Path) -> None:
    path = f"{old_python}:{os.environ['PATH']}"
    home = str(old_python / "home")
    found = in_bash("mf_find_python", PATH=path, MF_HOME=home)
    assert found.returncode == 0
    # The name alone is the first that would be found.
    assert found.stdout.strip() not in ("", "python3")


def test_commands_go_on_with_the_python_of_the_tools(
    platform: Platform, old_python: Path
) -> None:
    before = (platform.home / "tools").resolve()
    path = f"{old_python}:{os.environ['PATH']}"
    result = platform.mf("mfup", PATH=path)
    assert result.returncode == 0, result.stderr
    assert "Installing the platform's tools" not in result.stderr
    assert (platform.home / "tools").resolve() == before


def test_a_user_that_is_only_a_number_has_a_home(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(os, "getuid", lambda: 54321)
    monkeypatch.setenv("HOME", "/somewhere")
    assert base_environment()["HOME"] == "/somewhere"


def test_a_sign_that_only_some_take_for_a_line_end_is_part_of_a_value(
    tmp_path: Path,
) -> None:
    file = tmp_path / "env"
    file.write_text("GREETING=one\u2028SECRET_KEY=two\nLAST=three\n")
    assert read_env(file) == {"GREETING": "one\u2028SECRET_KEY=two", "LAST": "three"}


@pytest.mark.skipif(
    os.getuid() != 0 or not LISTS.exists(), reason="apt's lock is not ours to take"
)
def test_another_installation_is_noticed_and_waited_for() -> None:
    script = 'source "$0/lib/packages.bash"; mf_is_installing'
    with open(LISTS, "a") as lists:
        fcntl.lockf(lists, fcntl.LOCK_EX)
        assert in_bash(script).returncode == 0
        fcntl.lockf(lists, fcntl.LOCK_UN)
        # Somebody else may really be installing something meanwhile.
        wait_for(lambda: in_bash(script).returncode == 1, 600)


@pytest.mark.skipif(os.getuid() != 0, reason="only root can become somebody else")
def test_a_folder_of_somebody_else_is_not_taken_for_an_empty_one() -> None:
    # The folders of tests let nobody else through.
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        own = Path(folder) / "home"
        own.mkdir(mode=0o700)
        shutil.copytree(ADMIN / "lib", Path(folder) / "lib")
        call = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "bash"]
        script = 'source "$0/lib/common.bash"; mf_load'
        refused = subprocess.run(
            [*call, "-c", script, folder],
            env=os.environ | {"MF_HOME": str(own)},
            capture_output=True,
            text=True,
        )
    assert refused.returncode == 1
    assert f"{own} belongs to root, and you may not read it." in refused.stderr


def test_a_move_that_was_interrupted_at_its_beginning_goes_on(tmp_path: Path) -> None:
    home = {"MF_HOME": str(tmp_path)}
    script = """
    # What is not for either is refused by its name, which a script like this has not.
    mf_refuse_monolith() { :; }
    mf_refuse_half_moved() { :; }
    unset MF_RUNTIME
    mf_load
    printf '%s\\n' "$MF_RUNTIME"
    mf_is_half_moved
    """
    (tmp_path / "settings.env").write_text("MF_PORT=1\n")
    (tmp_path / "monolith").mkdir()
    damaged = in_bash(script, **home)
    assert (damaged.stdout, damaged.returncode) == ("monolith\n", 1)
    # The first thing that a move does is to write how far it is.
    (tmp_path / "moving").mkdir()
    (tmp_path / "moving" / "home.json").write_text('{"stage": "copying"}')
    begun = in_bash(script, **home)
    assert (begun.stdout, begun.returncode) == ("process\n", 0)
