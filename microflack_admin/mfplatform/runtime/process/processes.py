"""Find processes by the mark that the supervisor leaves in their environment."""

import os
import signal
import time
from collections.abc import Iterable
from pathlib import Path


def marked(server_url: str, name: str | None = None) -> list[int]:
    """Return the processes that a supervisor started: all, or those of a program."""
    wanted = {f"SUPERVISOR_SERVER_URL={server_url}".encode()}
    if name is not None:
        wanted.add(f"SUPERVISOR_PROCESS_NAME={name}".encode())
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            environment = (folder / "environ").read_bytes().split(b"\0")
        except OSError:
            continue
        if wanted.issubset(environment) and int(folder.name) != os.getpid():
            found.append(int(folder.name))
    return found


def send(pids: Iterable[int], number: signal.Signals) -> None:
    """Signal processes, whether they are still there or not."""
    for pid in pids:
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            continue


def is_alive(pid: int) -> bool:
    """Tell whether a process runs; one that only waits to be reaped does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except OSError:
        return False
    return state != "Z"


def end(pids: Iterable[int], timeout_seconds: float) -> None:
    """Ask processes to stop, and kill those that have not within the time."""
    send(pids, signal.SIGTERM)
    left = wait(pids, timeout_seconds)
    send(left, signal.SIGKILL)
    wait(left, timeout_seconds=5)


def wait(pids: Iterable[int], timeout_seconds: float) -> list[int]:
    """Wait for processes to be gone; return those that are still there."""
    deadline = time.monotonic() + timeout_seconds
    while left := [pid for pid in pids if is_alive(pid)]:
        if time.monotonic() > deadline:
            break
        time.sleep(0.05)
    return left
