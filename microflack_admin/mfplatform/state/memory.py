"""How much memory processes take, and how much is left on this machine.

Reference: proc(5), "meminfo" and "statm".
"""

import os
from pathlib import Path

from mfplatform.state.process_tree import tree

PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


def of_tree(pid: int) -> int:
    """Return the bytes in memory of a process and of all that it has started."""
    return sum(_pages(one) for one in tree(pid)) * PAGE_BYTES


def _pages(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except (OSError, IndexError):
        # It has just ended.
        return 0


def available() -> int:
    """Return how many bytes programs may still take before something is swapped out."""
    return _of_machine("MemAvailable")


def whole() -> int:
    """Return how many bytes of memory this machine has."""
    return _of_machine("MemTotal")


def _of_machine(name: str) -> int:
    for line in Path("/proc/meminfo").read_text().splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1]) * 1024
    return 0
