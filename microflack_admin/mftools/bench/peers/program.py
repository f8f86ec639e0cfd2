"""Run a server as a process of ours, and wait until it listens."""

import os
import socket
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from mfplatform.runtime.process import processes
from mfplatform.runtime.process.program_config import base_environment
from mfplatform.state.home import PlatformError
from mftools.bench import usage
from mftools.bench.http_client import Address

HOST = "127.0.0.1"
START_TIMEOUT_SECONDS = 300.0
STOP_TIMEOUT_SECONDS = 20.0
POLL_SECONDS = 0.05
LOG_LINES = 5


class Program:
    """A server that runs until ``stop``."""

    def __init__(
        self,
        command: Sequence[str],
        folder: Path,
        port: int,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        """Start it and wait until its port answers.

        Raises PlatformError when it ends before, or takes too long.
        """
        self._name = os.path.basename(command[0])
        self._log = folder / "output.log"
        own = base_environment() | {"HOME": str(folder)} | dict(environment or {})
        with open(self._log, "wb") as log:
            self._process = subprocess.Popen(
                command,
                cwd=folder,
                env=own,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        try:
            self._wait(Address(HOST, port))
        except PlatformError:
            self.stop()
            raise

    @property
    def pids(self) -> list[int]:
        """Its process."""
        return [self._process.pid]

    def stop(self) -> None:
        """End it and all that it has started."""
        family = usage.family(self._process.pid, usage.children())
        processes.end(family, STOP_TIMEOUT_SECONDS)
        self._process.wait()

    def _wait(self, address: Address) -> None:
        deadline = time.monotonic() + START_TIMEOUT_SECONDS
        while not _listens(address):
            if self._process.poll() is not None or time.monotonic() > deadline:
                lines = self._log.read_text(errors="replace").splitlines()
                tail = "\n".join(lines[-LOG_LINES:])
                raise PlatformError(
                    f"{self._name} does not start. Its log ends:\n{tail}"
                )
            time.sleep(POLL_SECONDS)


def _listens(address: Address) -> bool:
    try:
        socket.create_connection(address, timeout=1).close()
    except OSError:
        return False
    return True


class ProgramPeer:
    """What servers have in common that are one program with one SQLite database."""

    def __init__(self) -> None:
        self._program: Program | None = None
        self._port = 0
        self._database = Path()

    def stop(self) -> None:
        """Stop it."""
        if self._program is not None:
            self._program.stop()

    def pids(self) -> list[int]:
        """Return its processes."""
        return self._program.pids if self._program else []
