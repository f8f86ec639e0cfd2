"""What an interrupted run of the tests has left is ended by the next one."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from daemons import wait_for
from platforms import ADMIN

from mfplatform.runtime.process.processes import is_alive
from mftools.testing import left_behind, run_folder

# Says when it is ready, and starts one that has nothing to be known by.
STUBBORN = """
import os, signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
child = subprocess.Popen(["sleep", "600"], env={}, start_new_session=True)
print(os.getpid(), child.pid, flush=True)
time.sleep(600)
"""
Started = list[subprocess.Popen[str]]


@pytest.fixture
def started() -> Iterator[Started]:
    """Return a list of processes that are killed in the end."""
    processes: Started = []
    yield processes
    for one in processes:
        one.kill()
        one.communicate()


def start(started: Started, code: str, *arguments: str, **variables: str) -> list[int]:
    """Start Python; return the numbers of processes that it prints."""
    own = {name: value for name, value in os.environ.items() if name != "TMPDIR"}
    process = subprocess.Popen(
        [sys.executable, "-c", code, *arguments],
        env=own | variables,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    started.append(process)
    assert process.stdout is not None
    return [int(number) for number in process.stdout.readline().split()]


def call(action: str, home: Path, pid: int) -> subprocess.CompletedProcess[str]:
    """Do as mftest does when it begins or ends."""
    return subprocess.run(
        [sys.executable, "-m", "mftools.testing.run_folder", action, home, str(pid)],
        env=os.environ | {"PYTHONPATH": str(ADMIN)},
        capture_output=True,
        text=True,
    )


def test_a_process_is_ended_with_what_it_has_started(
    tmp_path: Path, started: Started
) -> None:
    found = start(started, STUBBORN, TMPDIR=str(tmp_path))
    others = start(started, STUBBORN)
    try:
        assert left_behind.naming(tmp_path) == sorted(found)
        assert left_behind.stop(tmp_path, patience_seconds=0.2) == sorted(found)
        assert not any(is_alive(pid) for pid in found)
        assert all(is_alive(pid) for pid in others)
    finally:
        os.kill(others[1], 9)


def test_only_the_program_itself_is_known_by_a_common_folder(
    tmp_path: Path, started: Started
) -> None:
    folder = str(tmp_path)
    found = start(started, STUBBORN, folder)
    try:
        assert left_behind.naming(tmp_path, "dockerd") == []
        name = os.path.basename(sys.executable)
        assert left_behind.naming(tmp_path, name) == sorted(found)
    finally:
        os.kill(found[1], 9)


def test_the_next_run_ends_what_an_interrupted_one_has_left(
    tmp_path: Path, started: Started
) -> None:
    (run,) = start(started, "import os\nprint(os.getpid(), flush=True)\ninput()")
    folder = Path(call("begin", tmp_path, run).stdout.strip())
    assert folder.is_dir()
    code = "import os\nprint(os.getpid(), flush=True)\nimport time\ntime.sleep(600)"
    (left,) = start(started, code, TMPDIR=str(folder))
    started[0].kill()
    started[0].wait()
    again = call("begin", tmp_path, os.getpid())
    assert again.returncode == 0, again.stderr
    assert f"Stopped 1 processes that the tests have left: [{left}]" in again.stderr
    assert not is_alive(left)
    assert not folder.exists()
    other = Path(again.stdout.strip())
    assert other.is_dir()
    ended = call("end", tmp_path, os.getpid())
    assert (ended.returncode, ended.stderr) == (0, "")
    assert not other.exists()
    assert not (tmp_path / "run.json").exists()


def test_two_runs_do_not_share_their_results(tmp_path: Path) -> None:
    first = call("begin", tmp_path, os.getpid())
    second = call("begin", tmp_path, os.getppid())
    assert (second.returncode, second.stdout) == (1, "")
    assert f"stop it: kill {os.getpid()}\n" in second.stderr
    # Nor does it end what is not its own.
    call("end", tmp_path, os.getppid())
    folder = Path(first.stdout.strip())
    # Other users get through it, and do not see what is there.
    assert folder.stat().st_mode & 0o777 == 0o711
    call("end", tmp_path, os.getpid())


def test_a_number_that_is_another_process_now_is_no_run(tmp_path: Path) -> None:
    first = call("begin", tmp_path, os.getpid())
    file = tmp_path / "run.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | {"began": 1}))
    second = call("begin", tmp_path, os.getpid())
    assert second.returncode == 0
    assert not Path(first.stdout.strip()).exists()
    call("end", tmp_path, os.getpid())


def test_the_sockets_of_a_platform_go_with_its_folder(tmp_path: Path) -> None:
    sockets = Path(f"/tmp/microflack-{os.getuid()}-left-{os.getpid()}")
    sockets.mkdir()
    home = tmp_path / "run" / "mf first" / ".microflack"
    home.mkdir(parents=True)
    (home / "settings.env").write_text(f"MF_PORT=1\nMF_RUN={sockets}\n")
    left_behind.remove(tmp_path / "run")
    assert not sockets.exists()
    assert list(tmp_path.iterdir()) == []


def test_a_process_that_is_not_there_began_never(started: Started) -> None:
    (pid,) = start(started, "import os\nprint(os.getpid(), flush=True)\ninput()")
    assert run_folder.beginning(pid) > run_folder.beginning(1)
    started[0].kill()
    wait_for(lambda: run_folder.beginning(pid) == 0)
