"""The processes of real servers that tests start, stop, and start again."""

import socket
import subprocess
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

POLL_SECONDS = 0.01


def free_port() -> int:
    """Return a local port that nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


class ServerProcess(ABC):
    """A server of a test's own, which can go away and come back.

    :param command: what starts it, in the foreground.
    """

    def __init__(self, command: Sequence[str]) -> None:
        self._command = command
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it answers.

        :raises RuntimeError: it has ended before it did.
        """
        silent = subprocess.DEVNULL
        self._process = subprocess.Popen(self._command, stdout=silent, stderr=silent)
        while not self.answers():
            if self._process.poll() is not None:
                raise RuntimeError(f"{self._command[0]} does not start")
            time.sleep(POLL_SECONDS)

    def signal(self, number: int) -> None:
        """Send it a signal, such as SIGSTOP."""
        if self._process:
            self._process.send_signal(number)

    def stop(self) -> None:
        """Kill it, if it runs, and wait until it has ended."""
        if self._process:
            self._process.kill()
            self._process.wait()
            self._process = None

    @abstractmethod
    def answers(self) -> bool:
        """Tell whether it can be used."""


Server = TypeVar("Server", bound=ServerProcess)


@contextmanager
def started(server: Server) -> Iterator[Server]:
    """Run a server while the block runs."""
    try:
        server.start()
        yield server
    finally:
        server.stop()
