"""Send commands to HAProxy: to the process that serves, and to its master."""

import socket
import time
from pathlib import Path

ANSWER_TIMEOUT_SECONDS = 3.0
MASTER_TIMEOUT_SECONDS = 2.0
MASTER_RETRY_SECONDS = 0.02


class HAProxyError(Exception):
    """Raised when HAProxy cannot be reached or refuses a command."""


def send_command(path: Path, command: str) -> str:
    """Send ``command`` to the socket ``path`` and return the answer.

    :raises HAProxyError: no answer came.
    """
    try:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(ANSWER_TIMEOUT_SECONDS)
            connection.connect(str(path))
            connection.sendall(command.encode() + b"\n")
            answer = b"".join(iter(lambda: connection.recv(65536), b""))
    except OSError as error:
        raise HAProxyError(f"HAProxy does not answer at {path}: {error}") from error
    return answer.decode(errors="replace").strip()


def send_master_command(path: Path, command: str) -> str:
    """Send a command to the master process, which may be away for a moment.

    :raises HAProxyError: it has not answered within MASTER_TIMEOUT_SECONDS.
    """
    # Shortly after a reload it has no socket.
    deadline = time.monotonic() + MASTER_TIMEOUT_SECONDS
    while True:
        try:
            return send_command(path, command)
        except HAProxyError:
            if time.monotonic() > deadline:
                raise
            time.sleep(MASTER_RETRY_SECONDS)
