"""Look at the machine: its programs, memory, disks and ports."""

import os
import re
import resource
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from mfplatform.doctor.facts import Disk, Program
from mfplatform.state import ports
from mfplatform.state.home import Home, PlatformError

VERSION_TIMEOUT_SECONDS = 60
DEFAULT_PORT, LAST_PORT = "8080", 65535
MEMORY = re.compile(r"^(MemTotal|MemAvailable): +(\d+) kB$", re.MULTILINE)
CONTAINER_MEMORY = Path("/sys/fs/cgroup/memory.max")


class _Known(NamedTuple):
    """How a program tells its version, and which ones will do."""

    arguments: tuple[str, ...]
    pattern: str
    oldest: tuple[int, int]
    below: tuple[int, int] | None = None
    why: str = ""


# The oldest are those of Debian 12.
KNOWN = {
    "etcd": _Known(
        ("--version",),
        r"etcd Version: (\d+)\.(\d+)",
        (3, 4),
        (3, 6),
        "which has no keys API of version 2",
    ),
    "haproxy": _Known(("-v",), r"version (\d+)\.(\d+)", (2, 6)),
    "mariadbd": _Known(("--version",), r"Ver (\d+)\.(\d+)", (10, 11)),
    "redis-server": _Known(("--version",), r"v=(\d+)\.(\d+)", (7, 0)),
}


def programs(needed: Mapping[str, str]) -> Iterator[Program]:
    """Yield the servers that are there.

    :param needed: the programs of a runtime, with their Debian packages.
    """
    for name, package in needed.items():
        if name in KNOWN and shutil.which(name):
            problem = judge(name, _version_text(name, KNOWN[name].arguments))
            yield Program(name, package, problem)


def judge(name: str, text: str) -> str:
    """Return what is wrong with a program that says this of its version, or ""."""
    known = KNOWN[name]
    found = re.search(known.pattern, text)
    if not found:
        return f"{name} does not say its version, so it may not work"
    version = int(found[1]), int(found[2])
    told = ".".join(map(str, version))
    if version < known.oldest:
        oldest = ".".join(map(str, known.oldest))
        return f"{name} is {told}, and the platform needs {oldest} or newer"
    if known.below and version >= known.below:
        below = ".".join(map(str, known.below))
        return f"{name} is {told}, {known.why}: the platform needs one before {below}"
    return ""


def _version_text(name: str, arguments: tuple[str, ...]) -> str:
    try:
        done = subprocess.run(
            [name, *arguments],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=VERSION_TIMEOUT_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout + done.stderr


def memory() -> tuple[int, int] | None:
    """Return the bytes of memory that there are, and that are available now."""
    try:
        found = dict(MEMORY.findall(Path("/proc/meminfo").read_text()))
        whole, available = (int(found[name]) for name in ("MemTotal", "MemAvailable"))
    except (OSError, KeyError):
        return None
    limits = [whole * 1024]
    if CONTAINER_MEMORY.exists() and (text := CONTAINER_MEMORY.read_text()) != "max\n":
        limits.append(int(text))
    return min(limits), available * 1024


def open_files() -> int | None:
    """Return how many files a process may have open at most; None for any number."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    return None if most == resource.RLIM_INFINITY else most


def disks(home: Home) -> Iterator[Disk]:
    """Yield the file systems that the platform writes to, each once."""
    seen = set()
    for folder in (home.path, home.image_store):
        if folder is home.image_store and not folder.exists():
            continue
        # Before the first start its place is where it will be.
        there = next(one for one in (folder, *folder.parents) if one.exists())
        if (device := there.stat().st_dev) not in seen:
            seen.add(device)
            whole = shutil.disk_usage(there)
            share = whole.used / (whole.used + whole.free or 1)
            yield Disk(there, share, whole.free)


def taken_ports(settings: Mapping[str, str]) -> Iterator[tuple[str, int, str]]:
    """Yield the ports that somebody else has: setting, port, and who or why.

    What is no port at all is 0.

    :param settings: those of a platform that does not run.
    """
    host = settings.get("MF_BIND") or "127.0.0.1"
    asked = os.environ.get("MF_ASKED_PORT", "")
    usual = asked if asked.isdecimal() else DEFAULT_PORT
    wanted = {
        "MF_PORT": settings.get("MF_PORT") or usual,
        "MF_HTTP_PORT": settings.get("MF_HTTP_PORT"),
    }
    for name, port in wanted.items():
        if not port:
            continue
        # Somebody may have written it there by hand.
        if not (port.isascii() and port.isdigit() and int(port) <= LAST_PORT):
            yield name, 0, f"'{port}' is no port"
            continue
        try:
            if not ports.is_free(int(port), host):
                yield name, int(port), f"it is taken by {ports.holder(int(port))}"
        except PlatformError as error:
            yield name, int(port), str(error)
