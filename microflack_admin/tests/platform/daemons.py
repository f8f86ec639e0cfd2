"""Processes of a test, and waiting for what they do."""

import socket
import subprocess
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(condition: Callable[[], T], timeout: float = 120.0) -> T:
    """Wait until ``condition`` is true and return its value."""
    deadline = time.monotonic() + timeout
    while time.monotonic() < deadline:
        if value := condition():
            return value
        time.sleep(0.01)
    raise AssertionError(f"not within {timeout} s: {condition}")


class Daemon:
    """A process that can be killed and started again."""

    def __init__(
        self, command: list[str], log: Path, env: Mapping[str, str] | None = None
    ) -> None:
        self._command = command
        self._log = log
        self._env = env
        self._log_begins = 0
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it; its output is added to its log."""
        with open(self._log, "ab") as log:
            self.process = subprocess.Popen(
                self._command, stdout=log, stderr=log, env=self._env
            )

    def stop(self, kill: bool = False) -> None:
        """End it: kindly, or with SIGKILL."""
        if self.process is None:
            return
        if kill:
            self.process.kill()
        else:
            self.process.terminate()
        try:
            self.process.wait(60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(60)
        self.process = None

    @property
    def log(self) -> str:
        """Return what it has written so far, since that was forgotten."""
        if not self._log.exists():
            return ""
        return self._log.read_bytes()[self._log_begins :].decode(errors="replace")

    def forget_log(self) -> None:
        """Begin anew with what is told of its log."""
        self._log_begins = self._log.stat().st_size
