"""Hold processes to a share of a core: one machine can be several small ones."""

import os
import signal
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from mfplatform.runtime.process import processes
from mftools.bench import debian_packages, usage

CGROUPS = Path("/sys/fs/cgroup")
# Where version 1 has the processor, in a tree of its own.
CPU_CGROUPS = CGROUPS / "cpu"
# How the cgroups of this process are named.
PREFIX = f"microflack-bench-{os.getpid()}-"
# Short enough that nobody waits long for somebody who is held while holding a lock.
PERIOD_MICROSECONDS = 10_000
ENDING_SECONDS = 5.0


@contextmanager
def limited(instances: Sequence[int], share: float) -> Iterator[str]:
    """Hold each of these processes, with all of its own, to a share of a core.

    Gives the name of what holds them: a cgroup each where those can be made, else
    programs. Raises NotInstalled when nothing here can.
    """
    families = [usage.family(pid, usage.children()) for pid in instances]
    homes = {pid: _group_of(pid) for own in families for pid in own}
    try:
        groups = [_group(number, own, share) for number, own in enumerate(families)]
    except OSError:
        _put_back(homes)
        with _programs(families, share):
            yield "cpulimit"
        return
    try:
        yield f"{len(groups)} cgroups"
    finally:
        _put_back(homes)


@contextmanager
def holder(share: float) -> Iterator[Callable[[int], None]]:
    """Give what holds a process, with all of its own, to a share of a core.

    It may be called again and again, and raises OSError where no cgroups can be made.
    All are let go at the end.
    """
    homes: dict[int, Path] = {}

    def hold(pid: int) -> None:
        own = usage.family(pid, usage.children())
        homes.update({one: _group_of(one) for one in own})
        _group(len(homes), own, share)

    try:
        yield hold
    finally:
        _put_back(homes)


def _tree() -> Path:
    """Return the folder of the cgroups that can hold a processor's share."""
    return CPU_CGROUPS if (CPU_CGROUPS / "cpu.cfs_quota_us").exists() else CGROUPS


def _group(number: int, pids: Sequence[int], share: float) -> Path:
    """Put processes into a new cgroup that has a share of a core.

    The files are those of Linux's documents "cgroup-v2" and, for version 1,
    "CFS Bandwidth Control".
    """
    group = _tree() / f"{PREFIX}{number}"
    quota = str(round(share * PERIOD_MICROSECONDS))
    if _tree() == CPU_CGROUPS:
        group.mkdir()
        (group / "cpu.cfs_period_us").write_text(str(PERIOD_MICROSECONDS))
        (group / "cpu.cfs_quota_us").write_text(quota)
    else:
        (CGROUPS / "cgroup.subtree_control").write_text("+cpu")
        group.mkdir()
        (group / "cpu.max").write_text(f"{quota} {PERIOD_MICROSECONDS}")
    for pid in pids:
        (group / "cgroup.procs").write_text(str(pid))
    return group


def _put_back(homes: Mapping[int, Path]) -> None:
    """Put processes back where they were, and remove the groups that were made."""
    groups = list(_tree().glob(f"{PREFIX}*"))
    for pid, home in homes.items():
        if groups and processes.is_alive(pid):
            (home / "cgroup.procs").write_text(str(pid))
    for group in groups:
        group.rmdir()


def _group_of(pid: int) -> Path:
    """Return the cgroup that a process is in, of those that can hold it."""
    wanted = "cpu" if _tree() == CPU_CGROUPS else ""
    for line in Path(f"/proc/{pid}/cgroup").read_text().splitlines():
        _, controllers, path = line.split(":", 2)
        if wanted in controllers.split(","):
            return _tree() / path.lstrip("/")
    return _tree()


@contextmanager
def _programs(families: Sequence[list[int]], share: float) -> Iterator[None]:
    debian_packages.have("cpulimit", ["cpulimit"])
    percent = str(round(share * 100))
    running: list[subprocess.Popen[bytes]] = []
    try:
        for pid in [pid for own in families for pid in own]:
            command = ["cpulimit", "--lazy", "--limit", percent, "--pid", str(pid)]
            running.append(subprocess.Popen(command, stdout=subprocess.DEVNULL))
        yield
    finally:
        processes.end([one.pid for one in running], ENDING_SECONDS)
        for one in running:
            one.wait()
        # One that was killed while it held a process has not let it go.
        processes.send([pid for own in families for pid in own], signal.SIGCONT)
