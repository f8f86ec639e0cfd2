"""Who holds the lock: a process of a person on a machine."""

import getpass
import os
import secrets
import socket
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Owner:
    """One process, described so that others can see whether it still lives."""

    person: str
    machine: str
    pid: int
    started: str
    # No two owners are the same, whatever else they share.
    token: str = field(default_factory=lambda: secrets.token_hex(8))

    @classmethod
    def this_process(cls) -> "Owner":
        """Describe this process."""
        pid = os.getpid()
        return cls(_person(), _machine(), pid, _start_time(pid))

    @classmethod
    def from_stored(cls, stored: dict[str, Any]) -> "Owner":
        """Return the owner that was written down; KeyError if something is missing."""
        return cls(**{name: stored[name] for name in cls.__dataclass_fields__})

    def is_dead(self) -> bool:
        """Say whether its process surely is gone; of another machine nobody knows."""
        return self.machine == _machine() and _start_time(self.pid) != self.started

    def __str__(self) -> str:
        return f"{self.person} on {self.machine.partition('/')[0]} (process {self.pid})"


def _person() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return str(os.getuid())


def _machine() -> str:
    boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    return f"{socket.gethostname()}/{boot}"


def _start_time(pid: int) -> str:
    """Return when a process was started, in the kernel's clock; empty if it is gone."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except OSError:
        return ""
    # A process that only waits to be reaped does nothing any more.
    return "" if fields[0] == "Z" else fields[19]
