"""The folder that a run of the tests has for all that it makes for a while.

    python -m mftools.testing.run_folder begin MF_HOME PID
    python -m mftools.testing.run_folder end MF_HOME PID

PID is the process of the run. "begin" prints the folder, which mftest gives to all that
it starts as TMPDIR, so that what an interrupted run has left can be told from all else:
the next one ends and removes it. It refuses to begin beside a run that goes on: the
results of both would be in one place. What it keeps in mind is in MF_HOME/run.json.
"""

import fcntl
import json
import os
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

from mftools.testing import left_behind


@dataclass(frozen=True)
class Run:
    """A run: its process, when that began (in ticks since the boot), its folder."""

    pid: int
    began: int
    folder: str

    @property
    def goes_on(self) -> bool:
        """Whether its process is there, and no other one that has its number now."""
        return self.began == beginning(self.pid) != 0


def beginning(pid: int) -> int:
    """Return when a process began (proc(5), starttime); 0 if there is none."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except OSError:
        return 0
    return 0 if fields[0] == "Z" else int(fields[19])


def recorded(file: Path) -> Run | None:
    """Return the run that a file tells of."""
    try:
        return Run(**json.loads(file.read_text()))
    except (OSError, ValueError, TypeError):
        return None


def clear(run: Run) -> None:
    """End and remove what a run has left."""
    folder = Path(run.folder)
    if ended := left_behind.stop(folder):
        say(f"Stopped {len(ended)} processes that the tests have left: {ended}")
    left_behind.remove(folder)


def begin(home: Path, pid: int) -> str:
    """Have a folder for a run; return its path.

    :raises StillThere: another run goes on, or what it has left does not end.
    """
    file = home / "run.json"
    with open(home / "run.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        before = recorded(file)
        if before and before.goes_on:
            raise left_behind.StillThere(
                f"Another mftest, process {before.pid}, is using {home}. Wait for it, "
                f"or stop it: kill {before.pid}"
            )
        if before:
            clear(before)
        # Not in MF_HOME: the path of a unix socket must be short.
        folder = tempfile.mkdtemp(prefix="mf-")
        # Other users have to get through it: a test is one, and so is another server.
        os.chmod(folder, 0o711)
        file.write_text(json.dumps(asdict(Run(pid, beginning(pid), folder))))
    return folder


def end(home: Path, pid: int) -> None:
    """Forget a run, once nothing is left of it."""
    file = home / "run.json"
    run = recorded(file)
    if run and run.pid == pid:
        clear(run)
        file.unlink()


def say(text: str) -> None:
    """Print something for a person."""
    print(f"mftest: {text}", file=sys.stderr, flush=True)


def main(arguments: list[str]) -> int:
    """Do what the command line says."""
    action, home, pid = arguments[0], Path(arguments[1]), int(arguments[2])
    os.umask(0o077)
    home.mkdir(parents=True, exist_ok=True)
    try:
        if action == "begin":
            print(begin(home, pid))
        else:
            end(home, pid)
    except left_behind.StillThere as problem:
        say(str(problem))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
