"""Processes that nobody waits for any more, found by a folder that they name.

The name of such a folder is random, so a process that has it in its command or in its
environment is what it is taken for, whatever its number was before.
"""

import os
import re
import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

from mfplatform.runtime.process.processes import is_alive, send, wait

# dockerd gives its containers fifteen seconds, and the machine can be busy.
PATIENCE_SECONDS = 60.0


class StillThere(Exception):
    """Raised for a process that does not end; its text says what to do."""


def naming(folder: Path, program: str = "") -> list[int]:
    """Return the processes that name a folder, and what they have started.

    Neither this process nor one that waits for it is among them. A folder whose name is
    not random must be named on the command line of ``program``.
    """
    mark = os.fsencode(folder)
    parents = {pid: parent for pid, parent in _parents() if is_alive(pid)}
    found = {pid for pid in parents if _names(pid, mark, program)}
    for pid in parents:
        if any(one in found for one in _line(pid, parents)):
            found.add(pid)
    return sorted(found - set(_line(os.getpid(), parents)))


def _names(pid: int, mark: bytes, program: str) -> bool:
    try:
        command = Path(f"/proc/{pid}/cmdline").read_bytes()
        if program:
            name = os.path.basename(command.partition(b"\0")[0])
            return name == program.encode() and mark in command
        return mark in command or mark in Path(f"/proc/{pid}/environ").read_bytes()
    except OSError:
        return False


def _parents() -> Iterator[tuple[int, int]]:
    """Yield each process and its parent (proc(5), /proc/pid/stat)."""
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            fields = (entry / "stat").read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        yield int(entry.name), int(fields[1])


def _line(pid: int, parents: dict[int, int]) -> Iterator[int]:
    """Yield a process, its parent, and so on."""
    while pid in parents:
        yield pid
        pid = parents[pid]


def stop(
    folder: Path, program: str = "", patience_seconds: float = PATIENCE_SECONDS
) -> list[int]:
    """End all processes that name a folder (see ``naming``); return which those were.

    :raises StillThere: one of them does not even end when it is killed.
    """
    found = naming(folder, program)
    send(found, signal.SIGTERM)
    wait(found, patience_seconds)
    # Found anew: a number may be another's by now.
    send(set(naming(folder, program)).intersection(found), signal.SIGKILL)
    wait(found, PATIENCE_SECONDS)
    if left := naming(folder, program):
        numbers = " ".join(map(str, left))
        raise StillThere(
            f"What an interrupted run of the tests has left, process {numbers}, does "
            f"not end. Stop it: kill -9 {numbers}"
        )
    return found


def unmount(folder: Path) -> None:
    """Undo what is mounted in a folder."""
    for line in Path("/proc/self/mounts").read_text().splitlines():
        place = re.sub(r"\\([0-7]{3})", lambda m: chr(int(m[1], 8)), line.split()[1])
        if Path(place).is_relative_to(folder):
            subprocess.run(["umount", "--lazy", place], capture_output=True)


def remove(folder: Path) -> None:
    """Remove a folder, with what is mounted in it and the sockets of its platforms."""
    unmount(folder)
    for settings in folder.rglob(".microflack/settings.env"):
        found = re.search(r"^MF_RUN=(/tmp/microflack-.+)$", settings.read_text(), re.M)
        if found:
            shutil.rmtree(found[1], ignore_errors=True)
    shutil.rmtree(folder, ignore_errors=True)
