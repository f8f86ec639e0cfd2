"""Find free ports, and who holds a port that is not free."""

import errno
import fcntl
import os
import socket
import time
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from mfplatform.state.home import PlatformError, private_folder

# A reservation bridges the time between choosing a port and listening on it. One that
# has an owner lasts longer: as long as that file exists.
RESERVATION_SECONDS = 90


def is_free(port: int, host: str = "127.0.0.1") -> bool:
    """Tell whether a server could listen on this port now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
            probe.listen(1)
        except OSError as error:
            if error.errno == errno.EACCES:
                raise PlatformError(
                    f"port {port} is not for ordinary users: choose one above 1023, or "
                    "allow it: sudo sysctl net.ipv4.ip_unprivileged_port_start=80"
                ) from None
            if error.errno == errno.EADDRNOTAVAIL:
                raise PlatformError(f"{host} is no address of this machine") from None
            return False
    return True


def holder(port: int) -> str:
    """Name the process that listens on a port, as far as this user may know."""
    inodes = set(_listening_inodes(port))
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            links = [os.readlink(link) for link in (folder / "fd").iterdir()]
            if any(f"socket:[{inode}]" in links for inode in inodes):
                name = (folder / "comm").read_text().strip()
                return f"{name} (process {folder.name})"
        except OSError:
            continue
    return "another user's process"


def _listening_inodes(port: int) -> Iterator[str]:
    for table in (Path("/proc/net/tcp"), Path("/proc/net/tcp6")):
        if not table.exists():
            continue
        for line in table.read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == "0A" and int(fields[1].rsplit(":", 1)[1], 16) == port:
                yield fields[9]


def pick(
    candidates: Iterable[int], taken: Collection[int] = (), owner: Path | None = None
) -> int:
    """Reserve the first free port for this user's platforms; safe among many.

    :param owner: a file that keeps the port reserved while it exists. So what is
        down for a moment is not found at its port by another platform's load balancer
        as somebody else.
    """
    with _reservations() as folder:
        for port in candidates:
            if port in taken or not is_free(port):
                continue
            mark = folder / str(port)
            if not _is_held(mark):
                mark.write_text(str(owner or ""), encoding="utf-8")
                return port
    raise PlatformError("no free port is left. Stop instances with: mfkill")


def release(port: int) -> None:
    """Forget a reservation that is not needed any more."""
    with _reservations() as folder:
        (folder / str(port)).unlink(missing_ok=True)


def _is_held(mark: Path) -> bool:
    try:
        fresh = time.time() - mark.stat().st_mtime < RESERVATION_SECONDS
        owner = mark.read_text(encoding="utf-8")
    except FileNotFoundError:
        return False
    return fresh or (bool(owner) and Path(owner).exists())


@contextmanager
def _reservations() -> Iterator[Path]:
    # Of all platforms of this user, since they share the machine's ports.
    folder = private_folder(Path(f"/tmp/microflack-{os.getuid()}-ports"))
    with open(folder / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield folder
