"""CPU time: of this machine, and of processes.

Reference: proc(5), "stat" and "pid/stat".
"""

import os
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")
# Of the first line of /proc/stat: idle, and waiting for a disk.
IDLE_FIELDS = (3, 4)
# What follows are guests, which are counted as users before.
COUNTED_FIELDS = 8
# After the name of the process, which may hold anything: its own time in user and in
# system mode, and that of children that have ended.
TIME_FIELDS = slice(11, 15)


def busy_seconds() -> float:
    """Return how long the processors of this machine were busy since its start."""
    line = Path("/proc/stat").read_text().partition("\n")[0]
    fields = [int(one) for one in line.split()[1:]][:COUNTED_FIELDS]
    idle = sum(fields[index] for index in IDLE_FIELDS)
    return (sum(fields) - idle) / TICKS


def cpu_seconds(pid: int) -> float:
    """Return the CPU time of a process and of all that it has started."""
    folder = Path(f"/proc/{pid}")
    try:
        fields = (folder / "stat").read_text().rpartition(")")[2].split()
        children = (folder / "task" / str(pid) / "children").read_text().split()
    except OSError:
        # It has just ended.
        return 0.0
    own = sum(map(int, fields[TIME_FIELDS])) / TICKS
    return own + sum(cpu_seconds(int(child)) for child in children)
