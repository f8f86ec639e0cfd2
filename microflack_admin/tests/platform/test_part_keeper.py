"""Parts of the platform that stand still, or were stopped, are brought back."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from daemons import wait_for

from mfplatform.caretaker.part_keeper import PartKeeper
from mfplatform.runtime.base import ProcessState
from mfplatform.state import parts, process_tree
from mfplatform.state.home import Home
from mfplatform.state.parts import PartSpec

ADMIN = Path(__file__).resolve().parents[2]
GUARDED = (
    "from mfplatform.caretaker import guard; guard.start(); print(flush=True); input()"
)


class Runtime:
    """Runs one part, a process that does nothing."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(["sleep", "600"])
        self.started = 0

    def parts(self) -> list[PartSpec]:
        return parts.chosen(["redis", "logs"])

    def states(self) -> dict[str, ProcessState]:
        runs = self.process.poll() is None
        pid = self.process.pid if runs else None
        return {
            "logs": ProcessState(
                state="running" if runs else "stopped", pid=pid, since=None
            )
        }

    def thaw(self, name: str) -> None:
        assert name == "logs"
        process_tree.send(self.process.pid, signal.SIGCONT)

    def start_part(self, part: PartSpec) -> bool:
        assert part.name == "logs"
        self.started += 1
        self.process = subprocess.Popen(["sleep", "600"])
        return True

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()


@pytest.fixture
def runtime() -> Iterator[Runtime]:
    runtime = Runtime()
    yield runtime
    runtime.stop()


@pytest.fixture
def home(tmp_path: Path) -> Home:
    (tmp_path / "logs").mkdir()
    return Home(tmp_path)


def keeper(home: Home, runtime: Runtime, acts: bool = True) -> PartKeeper:
    return PartKeeper(home, runtime, acts, measure=lambda: 1.0)


def stop(pid: int) -> None:
    """Have a process stand still."""
    os.kill(pid, signal.SIGSTOP)
    wait_for(lambda: process_tree.stands_still(pid))


def test_what_stands_still_is_made_to_go_on(home: Home, runtime: Runtime) -> None:
    pid, kept = runtime.process.pid, keeper(home, runtime)
    kept.look(0)
    stop(pid)
    for now in (1, 3.9):
        kept.look(now)
        assert process_tree.stopped(pid) == [pid]
    kept.look(4)
    wait_for(lambda: not process_tree.stands_still(pid))
    line = json.loads((home.logs / "audit.log").read_text())
    assert line["message"] == "bring back logs"
    assert line["why"] == "logs stands still"


def test_what_somebody_has_stopped_is_started(home: Home, runtime: Runtime) -> None:
    kept = keeper(home, runtime)
    kept.look(0)
    runtime.stop()
    for now in (1, 5.9):
        kept.look(now)
        assert runtime.started == 0
    with home.locked("up"):
        # As mfup does, which may have stopped it.
        kept.look(6)
        assert runtime.started == 0
    # Not twice: what has never run, as redis here, is for mfup to start.
    for now in (11, 12, 30):
        kept.look(now)
        assert runtime.started == 1


def test_a_dry_run_mends_nothing(home: Home, runtime: Runtime) -> None:
    kept = keeper(home, runtime, acts=False)
    kept.look(0)
    stop(runtime.process.pid)
    for now in (1, 5):
        kept.look(now)
    assert process_tree.stands_still(runtime.process.pid)
    assert not (home.logs / "audit.log").exists()


def test_who_has_a_guard_goes_on_and_leaves_nothing_behind() -> None:
    mark = f"guarded by {os.getpid()}"
    with subprocess.Popen(
        [sys.executable, "-c", GUARDED, mark],
        env=os.environ | {"PYTHONPATH": str(ADMIN)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        assert len(guarded(mark)) == 2
        stop(process.pid)
        wait_for(lambda: not process_tree.stands_still(process.pid))
        process.kill()
    wait_for(lambda: not guarded(mark))


def guarded(mark: str) -> list[str]:
    """Return the processes that have a mark on their command line."""
    found = subprocess.run(
        ["pgrep", "--full", mark], stdout=subprocess.PIPE, text=True, check=False
    )
    return found.stdout.split()
