"""A process and all that it has started. Reference: proc(5), "children"."""

import os
import signal
from contextlib import suppress
from pathlib import Path


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
