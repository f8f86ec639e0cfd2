"""A process and all that it has started.

Reference: proc(5), "children" and "stat"; cgroups(7), "freezer" and "cgroup.events".
"""

import os
import signal
from contextlib import suppress
from pathlib import Path

CGROUPS = Path("/sys/fs/cgroup")
# Stopped by a signal; what a debugger has stopped is his.
STOPPED = "T"


def tree(pid: int) -> list[int]:
    """Return a process and all that descend from it, parents first; none if gone."""
    found = [pid] if Path(f"/proc/{pid}").exists() else []
    # It grows while it is gone through, until nobody has children any more.
    for one in found:
        for file in Path(f"/proc/{one}/task").glob("*/children"):
            with suppress(OSError):
                found += map(int, file.read_text().split())
    return found


def send(pid: int, number: signal.Signals) -> None:
    """Signal a process and all that descend from it, whether they are there or not."""
    for one in tree(pid):
        with suppress(ProcessLookupError):
            os.kill(one, number)


def stopped(pid: int) -> list[int]:
    """Return which of a process and its descendants a signal has stopped."""
    return [one for one in tree(pid) if _state(one) == STOPPED]


def stands_still(pid: int) -> bool:
    """Tell whether one of them does nothing until somebody has it go on.

    A signal has stopped it, or its control group is frozen, as that of a container that
    is paused. One that is slow, waits, or gets no processor does not stand still.
    """
    return bool(stopped(pid)) or _is_frozen(pid)


def _state(pid: int) -> str:
    try:
        # The name before it may have brackets, too.
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2]
        return fields.split()[0]
    except (OSError, IndexError):
        return ""


def _is_frozen(pid: int) -> bool:
    try:
        groups = Path(f"/proc/{pid}/cgroup").read_text().splitlines()
    except OSError:
        return False
    for number, controllers, path in (line.split(":", 2) for line in groups):
        folder = path.lstrip("/")
        if controllers == "freezer":
            file, word = CGROUPS / "freezer" / folder / "freezer.state", "FROZEN"
        elif number == "0":
            file, word = CGROUPS / folder / "cgroup.events", "frozen 1"
        else:
            continue
        with suppress(OSError):
            if word in file.read_text().splitlines():
                return True
    return False
