"""What people see of an error that nobody expected, and of an interruption."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

Start = Callable[..., "subprocess.Popen[str]"]
ADMIN = Path(__file__).parents[2]
MODULES = {
    "fails": "raise LookupError('no such thing')",
    "exits": "import sys; sys.exit(3)",
    "says": "import sys; print('word'); sys.stdout.flush()",
    "waits": "import sys, time; print('on', flush=True); time.sleep(600)",
    "prints": "print('\\n'.join(['line'] * 100_000))",
}


@pytest.fixture
def start(tmp_path: Path) -> Start:
    """Return what starts one of the modules above, as a command does."""
    for name, text in MODULES.items():
        (tmp_path / f"{name}.py").write_text(text)
    own = {
        "PYTHONPATH": f"{ADMIN}:{tmp_path}",
        "MF_HOME": str(tmp_path / "home"),
        "MF_COMMAND": "mftry",
    }

    def begin(name: str, redirected: str = "") -> "subprocess.Popen[str]":
        call = [sys.executable, "-P", "-m", "mfplatform.entry", name, "word"]
        return subprocess.Popen(
            ["bash", "-c", f'exec "$@" {redirected}', "-", *call],
            env=os.environ | own,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    return begin


def test_an_error_that_nobody_expected_is_a_sentence(
    start: Start, tmp_path: Path
) -> None:
    process = start("fails")
    _, problem = process.communicate()
    log = tmp_path / "home" / "logs" / "commands.log"
    assert process.returncode == 1
    assert problem == (
        "mftry: this should not happen: LookupError: no such thing. "
        f"All about it is in {log}\n"
    )
    assert "mftry word" in log.read_text() and "Traceback" in log.read_text()


def test_a_command_ends_as_its_module_says(start: Start) -> None:
    process = start("exits")
    assert process.communicate() == ("", "")
    assert process.returncode == 3


def test_an_interrupted_command_says_nothing(start: Start) -> None:
    process = start("waits")
    assert process.stdout and process.stdout.readline() == "on\n"
    process.send_signal(signal.SIGINT)
    assert process.communicate() == ("", "")
    assert process.returncode == 130


def test_a_reader_that_has_seen_enough_is_no_error(start: Start) -> None:
    with start("prints") as process:
        assert process.stdout and process.stderr
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == ""
    assert process.returncode == 141


@pytest.mark.parametrize("module", ["says", "prints"])
def test_what_cannot_be_written_is_said(start: Start, module: str) -> None:
    process = start(module, ">/dev/full")
    said = "mftry: cannot write all: No space left on device\n"
    assert process.communicate() == ("", said)
    assert process.returncode == 1


@pytest.mark.parametrize("module", ["says", "prints"])
def test_an_output_that_was_closed_is_no_error(start: Start, module: str) -> None:
    process = start(module, ">&-")
    assert process.communicate() == ("", "")
    assert process.returncode == 0


def test_help_that_cannot_be_shown_starts_nothing(tmp_path: Path) -> None:
    home = tmp_path / "home"
    for command in sorted((ADMIN / "bin").glob("mf*")):
        if os.access(command, os.X_OK):
            with open("/dev/full", "w") as full:
                subprocess.run(
                    [command, "--help"],
                    env=os.environ | {"MF_HOME": str(home)},
                    stdout=full,
                    stderr=subprocess.PIPE,
                    timeout=120,
                )
    assert not home.exists()
