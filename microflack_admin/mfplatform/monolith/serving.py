"""The servers of a monolith: there are two for a moment when one replaces another."""

import os
import signal
from dataclasses import dataclass
from pathlib import Path

from mfplatform.monolith import process
from mfplatform.state.home import Home, PlatformError


@dataclass(frozen=True)
class ServerProcess:
    """A process of a server.

    :param root: the checkout whose code it runs.
    :param without: the services that it does not have.
    """

    pid: int
    root: Path
    without: frozenset[str]


def servers(home: Home) -> list[ServerProcess]:
    """Return all processes that may write into the databases now."""
    pids = (int(entry.name) for entry in Path("/proc").glob("[0-9]*"))
    found = (_read(pid) for pid in pids if process.is_own(home, pid))
    return [one for one in found if one is not None]


def have(home: Home, service: str) -> bool:
    """Say whether any server has the service, and so may write what belongs to it."""
    return any(service not in one.without for one in servers(home))


def replace(home: Home) -> None:
    """Have the keeper start a server with the settings as they are now.

    The one before ends when the new one is ready.

    :raises PlatformError: nobody keeps it running.
    """
    found = process.read(home)
    if found is None or not process.is_kept(home):
        raise PlatformError(
            f"what keeps the monolith of {home.path} running has died. Start it again "
            "there with: mfup --monolith"
        )
    os.kill(found.keeper, signal.SIGHUP)


def _read(pid: int) -> ServerProcess | None:
    try:
        lines = Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    except OSError:
        return None
    found = dict(os.fsdecode(line).partition("=")[::2] for line in lines)
    # The keeper listens, too, but it has been given no sockets.
    if "MONOLITH_LISTENING" not in found:
        return None
    without = frozenset(filter(None, found["MONOLITH_WITHOUT"].split(",")))
    return ServerProcess(pid, Path(found["MF_ROOT"]), without)
