"""What processes use: CPU time and memory, with all that they started."""

import os
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path

TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")


def children() -> dict[int, list[int]]:
    """Return the children of every process."""
    found = defaultdict(list)
    for folder in Path("/proc").glob("[0-9]*"):
        fields = _stat(int(folder.name))
        if fields:
            found[int(fields[1])].append(int(folder.name))
    return found


def family(pid: int, known: Mapping[int, Iterable[int]]) -> list[int]:
    """Return a process and all that descend from it."""
    found = [pid]
    # It grows while it is gone through, until nobody has children any more.
    for one in found:
        found += known.get(one, ())
    return found


def cpu_seconds(pids: Iterable[int]) -> float:
    """Return the seconds of CPU that these processes and their families have used."""
    return sum(cpu_by_process(pids).values())


def cpu_by_process(pids: Iterable[int]) -> dict[int, float]:
    """Return those seconds of each of these processes and of their families."""
    known = children()
    found = {}
    for one in {one for pid in pids for one in family(pid, known)}:
        if fields := _stat(one):
            ticks = int(fields[11]) + int(fields[12])
            found[one] = ticks / TICKS_PER_SECOND
    return found


def cpu_since(before: Mapping[int, float], pids: Iterable[int]) -> float:
    """Return the seconds used since then; processes may have come and gone."""
    now = cpu_by_process(pids)
    return sum(seconds - before.get(pid, 0.0) for pid, seconds in now.items())


def machine_cpu_seconds() -> float:
    """Return the seconds of CPU that all processes of the machine have used."""
    words = Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:]
    user, nice, system, _idle, _waiting, *interrupts = map(int, words[:7])
    return (user + nice + system + sum(interrupts)) / TICKS_PER_SECOND


def memory_mb(pid: int) -> float:
    """Return the MB that a process and its family hold.

    What several processes share is divided among them (PSS).
    """
    total = 0
    for one in family(pid, children()):
        try:
            text = Path(f"/proc/{one}/smaps_rollup").read_text()
        except OSError:
            continue
        total += sum(int(x.split()[1]) for x in text.splitlines() if x[:4] == "Pss:")
    return total / 1024


def _stat(pid: int) -> list[str]:
    """Return the fields of a process from its state on; none when it is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except OSError:
        return []
