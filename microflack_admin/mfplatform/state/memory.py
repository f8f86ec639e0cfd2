"""How much memory processes take, and how much is left on this machine.

Reference: proc(5), "meminfo", "statm" and "children".
"""

import os
from pathlib import Path

PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


def of_tree(pid: int) -> int:
    """Return the bytes in memory of a process and of all that it has started."""
    folder = Path(f"/proc/{pid}")
    try:
        pages = int((folder / "statm").read_text().split()[1])
        children = (folder / "task" / str(pid) / "children").read_text().split()
    except (OSError, IndexError, ValueError):
        # It has just ended.
        return 0
    return pages * PAGE_BYTES + sum(of_tree(int(child)) for child in children)


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
