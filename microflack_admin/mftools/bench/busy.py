"""Busy processes that take their share of the machine from all others."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

# With as many beside it, whatever else wants a core waits for it most of the time.
PROCESSES_PER_CORE = 4
# Between two looks whether the bench still runs: about a tenth of a second of work.
TURNS = 2_000_000


def process_count() -> int:
    """Return how many busy processes starve this machine."""
    return PROCESSES_PER_CORE * (os.cpu_count() or 1)


@contextmanager
def beside(count: int) -> Iterator[list[int]]:
    """Run so many busy processes, at the caller's priority; yields their ids."""
    command = [sys.executable, "-S", "-P", __file__, str(os.getpid())]
    running: list[subprocess.Popen[bytes]] = []
    try:
        for _ in range(count):
            running.append(subprocess.Popen(command, stdin=subprocess.DEVNULL))
        yield [one.pid for one in running]
    finally:
        for one in running:
            one.kill()
        for one in running:
            one.wait()


def work(parent: int) -> None:
    """Be busy for as long as the parent lives, also if it is killed."""
    while os.getppid() == parent:
        for _ in range(TURNS):
            pass


if __name__ == "__main__":
    work(int(sys.argv[1]))
