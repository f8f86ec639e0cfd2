"""Keep the monolith running: start it, start it again when it dies, stop it.

    python -m mfplatform.monolith.keeper

Its environment is the server's, too. It holds the lock of the folder, and gives it to
the server. It ends with SIGTERM, or when nothing can be started any more.
"""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from types import FrameType

from mfplatform.monolith import process
from mfplatform.runtime.process import restarts
from mfplatform.state.home import Home

MAX_LOG_BYTES = 10_000_000
KEPT_LOGS = 3
LOOK_PERIOD_SECONDS = 5.0
IN_USE, STOPPED = 3, 0


class Keeper:
    """Keeps one server running.

    :param command: the server's command line.
    :param log: what it says goes there.
    """

    def __init__(self, home: Home, command: Sequence[str], log: Path) -> None:
        self._home = home
        self._command = command
        self._log = log
        self._server: subprocess.Popen[bytes] | None = None
        self._stopping = False

    def run(self) -> int:
        """Keep it running until SIGTERM; return how this process is to end."""
        lock = process.take_lock(self._home)
        if lock is None:
            return IN_USE
        signal.signal(signal.SIGTERM, self._stop)
        starts = process.folder(self._home) / "server.env"
        while not self._stopping:
            restarts.wait_for_turn(starts)
            self._start(lock.fileno())
            self._wait()
        return STOPPED

    def _start(self, lock: int) -> None:
        if self._stopping:
            return
        with open(self._log, "ab") as log:
            self._server = subprocess.Popen(
                self._command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                pass_fds=[lock],
            )
        running = process.Running(
            os.getpid(),
            self._server.pid,
            time.time(),
            os.environ["MONOLITH_FINGERPRINT"],
        )
        # A disk that is full keeps the number of the server before, not this one from
        # serving; the keeper's own is the same.
        with suppress(OSError):
            process.write(self._home, running)

    def _wait(self) -> None:
        while self._server is not None:
            try:
                self._server.wait(LOOK_PERIOD_SECONDS)
            except subprocess.TimeoutExpired:
                rotate(self._log)
            else:
                self._server = None

    def _stop(self, _signal: int, _frame: FrameType | None) -> None:
        self._stopping = True
        if self._server is None:
            # It waits for the next try.
            sys.exit(STOPPED)
        self._server.terminate()


def rotate(log: Path) -> None:
    """Set a log aside that has become too long; who writes into it goes on."""
    try:
        if log.stat().st_size < MAX_LOG_BYTES:
            return
        for number in range(KEPT_LOGS, 1, -1):
            older = log.with_name(f"{log.name}.{number - 1}")
            if older.exists():
                older.replace(log.with_name(f"{log.name}.{number}"))
        shutil.copy2(log, log.with_name(f"{log.name}.1"))
        os.truncate(log, 0)
    except OSError:
        # A disk that is full must not keep the server from being watched.
        return


def main() -> int:
    """Keep the monolith of MF_HOME running."""
    home = Home.here()
    command = [sys.executable, "-P", "-m", "gunicorn"]
    command += ["--config", "python:mfplatform.monolith.serve"]
    command += ["mfplatform.monolith.composition:create_app()"]
    return Keeper(home, command, home.logs / f"{process.RUNTIME}.log").run()


if __name__ == "__main__":
    sys.exit(main())
