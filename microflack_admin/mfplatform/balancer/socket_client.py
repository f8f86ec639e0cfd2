"""Send commands to HAProxy: to the process that serves, and to the master."""

import socket
import time
from pathlib import Path

MASTER_AWAY = 2.0


class HAProxyError(Exception):
    """Raised when HAProxy cannot be reached or refuses a command."""


def ask(path: Path, command: str, timeout: float = 3.0) -> str:
    """Send ``command`` to the socket ``path`` and return the answer."""
    try:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(timeout)
            connection.connect(str(path))
            connection.sendall(command.encode() + b"\n")
            answer = b"".join(iter(lambda: connection.recv(65536), b""))
    except OSError as error:
        raise HAProxyError(f"HAProxy does not answer at {path}: {error}") from error
    return answer.decode(errors="replace").strip()


def ask_master(path: Path, command: str) -> str:
    """Send a command to the master process."""
    # Shortly after a reload it has no socket.
    deadline = time.monotonic() + MASTER_AWAY
    while True:
        try:
            return ask(path, command)
        except HAProxyError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.02)
