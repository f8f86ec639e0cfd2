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
from mfplatform.state.home import Home

MAX_LOG_BYTES = 10_000_000
KEPT_LOGS = 3
LOOK_PERIOD_SECONDS = 5.0
IN_USE, STOPPED = 3, 0
LOCK_SECONDS = 2.0
# One that lives for less dies at its start; on a busy machine a start takes seconds.
SHORT_LIFE_SECONDS = 20.0
FREE_STARTS = 3
MAX_DELAY_SECONDS = 15.0


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
        self._short_lives = 0

    def run(self) -> int:
        """Keep it running until SIGTERM; return how this process is to end."""
        end = time.monotonic() + LOCK_SECONDS
        # Whoever looks whether it is held has it for a moment.
        while not (lock := process.take_lock(self._home)) and time.monotonic() < end:
            time.sleep(process.POLL_SECONDS)
        if lock is None:
            return IN_USE
        signal.signal(signal.SIGTERM, self._stop)
        while True:
            begun = time.monotonic()
            self._start(lock.fileno())
            self._wait()
            if self._stopping:
                return STOPPED
            died_early = time.monotonic() - begun < SHORT_LIFE_SECONDS
            self._short_lives = self._short_lives + 1 if died_early else 0
            time.sleep(delay(self._short_lives))

    def _start(self, lock: int) -> None:
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
            self._short_lives,
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


def delay(short_lives: int) -> float:
    """Return how long to wait after so many short lives, in seconds.

    One that was killed is back at once; one that does not work is tried now and then.
    """
    if short_lives < FREE_STARTS:
        return 0.0
    return min(2.0 ** min(short_lives - FREE_STARTS, 10), MAX_DELAY_SECONDS)


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
    # What is kept is nobody else's business.
    os.umask(0o077)
    command = [sys.executable, "-P", "-m", "gunicorn"]
    command += ["--config", "python:mfplatform.monolith.serve"]
    command += ["mfplatform.monolith.composition:create_app()"]
    return Keeper(home, command, home.logs / f"{process.RUNTIME}.log").run()


if __name__ == "__main__":
    sys.exit(main())
