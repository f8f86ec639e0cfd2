"""Find processes by the mark that the supervisor leaves in their environment."""

import os
import signal
import time
from collections.abc import Iterable, Iterator
from pathlib import Path


def marked(server_url: str, name: str | None = None) -> list[int]:
    """Return the processes that a supervisor started: all, or those of a program."""
    return [pid for pid, found in _marks(server_url) if name is None or found == name]


def marked_names(server_url: str) -> set[str]:
    """Return the names of the programs of a supervisor that have processes."""
    return {name for _, name in _marks(server_url)}


def _marks(server_url: str) -> Iterator[tuple[int, str]]:
    wanted = f"SUPERVISOR_SERVER_URL={server_url}".encode()
    name = b"SUPERVISOR_PROCESS_NAME="
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            environment = (folder / "environ").read_bytes().split(b"\0")
        except OSError:
            continue
        if wanted not in environment or int(folder.name) == os.getpid():
            continue
        names = [one.removeprefix(name) for one in environment if one.startswith(name)]
        yield int(folder.name), os.fsdecode(names[0]) if names else ""


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
