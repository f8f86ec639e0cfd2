"""The monolith's process: whether it runs, and who keeps it running.

A lock on a file in its folder tells that. The keeper and all that it starts hold it, so
it lasts exactly as long as somebody may write into the databases beside it.
"""

import fcntl
import json
import os
import signal
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

from mfplatform.state import restoring
from mfplatform.state.home import Home, PlatformError, write_private
from mfplatform.state.patience import Deadline

RUNTIME = "monolith"
# Connections are closed one after the other, and what was begun is finished.
STOP_TIMEOUT_SECONDS = 45
POLL_SECONDS = 0.02
IN_USE = (
    "another monolith, which this one cannot see, uses {folder}: on another machine or "
    "in a container. Stop it there, or take another MF_HOME"
)


@dataclass(frozen=True)
class Running:
    """What runs: the keeper, the server that it started, and from what.

    :param fingerprint: names the code and the settings that it was started with.
    :param short_lives: how many servers before it have died early, one after the other.
    """

    keeper: int
    server: int
    since: float
    fingerprint: str
    short_lives: int = 0


def folder(home: Home) -> Path:
    """Return where a monolith keeps its databases."""
    return home.path / RUNTIME


def is_here(home: Home) -> bool:
    """Say whether a home is a monolith's."""
    return home.settings.get("MF_RUNTIME") == RUNTIME


def take_lock(home: Home) -> IO[str] | None:
    """Return the lock, open and held; None if somebody else has it."""
    folder(home).mkdir(mode=0o700, exist_ok=True)
    lock = open(folder(home) / "lock", "a")  # noqa: SIM115 - held until the end
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        lock.close()
        return None
    return lock


def is_running(home: Home) -> bool:
    """Say whether a monolith uses this home."""
    if not folder(home).is_dir():
        return False
    if lock := take_lock(home):
        lock.close()
    return lock is None


def check_running(home: Home) -> None:
    """Return if it runs; raise PlatformError with the way to start it otherwise."""
    if not is_running(home):
        raise PlatformError(
            restoring.way_out(home)
            or f"no monolith is running for {home.path}. Start it with: mfup --monolith"
        )


def write(home: Home, running: Running) -> None:
    """Write down what runs."""
    write_private(_file(home), json.dumps(asdict(running)))


def read(home: Home) -> Running | None:
    """Return what runs, or ran last."""
    try:
        return Running(**json.loads(_file(home).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def is_kept(home: Home) -> bool:
    """Say whether what runs is started again when it dies."""
    found = read(home)
    return found is not None and is_own(home, found.keeper)


def stop(home: Home) -> None:
    """Stop what runs and wait for its end.

    :raises PlatformError: it cannot be reached from here.
    """
    found = read(home)
    known = [found.keeper, found.server] if found else []
    own = [pid for pid in known if is_own(home, pid)]
    if not is_running(home):
        return
    if not own:
        raise PlatformError(IN_USE.format(folder=folder(home)))
    # The keeper ends the server; without it the server is told itself.
    _send(own[:1], signal.SIGTERM)
    if not _wait(lambda: not is_running(home), STOP_TIMEOUT_SECONDS):
        _send(_all_own(home), signal.SIGKILL)
        _wait(lambda: not is_running(home), STOP_TIMEOUT_SECONDS)


def _wait(condition: Callable[[], bool], seconds: float) -> bool:
    deadline = Deadline(seconds)
    while not condition():
        if deadline.is_over():
            return False
        time.sleep(POLL_SECONDS)
    return True


def _all_own(home: Home) -> list[int]:
    pids = [int(entry.name) for entry in Path("/proc").glob("[0-9]*")]
    return [pid for pid in pids if pid != os.getpid() and is_own(home, pid)]


def is_own(home: Home, pid: int) -> bool:
    """Say whether a process is one of this monolith's: numbers are used again."""
    mark = os.fsencode(f"MONOLITH_FOLDER={folder(home)}")
    try:
        environment = Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    except OSError:
        return False
    # One that only waits to be reaped has no environment.
    return mark in environment


def _send(pids: Iterable[int], number: signal.Signals) -> None:
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, number)


def _file(home: Home) -> Path:
    return folder(home) / "process.json"
