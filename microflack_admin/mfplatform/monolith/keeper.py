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
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from mfplatform.backup.nightly import Nightly
from mfplatform.monolith import probe, process, up
from mfplatform.monolith.listening import Listening
from mfplatform.state.home import Home

MAX_LOG_BYTES = 10_000_000
KEPT_LOGS = 3
LOOK_PERIOD_SECONDS = 0.25
IN_USE, STOPPED = 3, 0
LOCK_SECONDS = 2.0
# One that lives for less dies at its start; on a busy machine a start takes seconds.
SHORT_LIFE_SECONDS = 20.0
FREE_STARTS = 3
MAX_DELAY_SECONDS = 15.0


class Keeper:
    """Keeps one server running, and replaces it when it is told to (SIGHUP).

    :param command: the server's command line.
    :param log: what it says goes there.
    :param listening: what it is to listen at.
    """

    def __init__(
        self, home: Home, command: Sequence[str], log: Path, listening: Listening
    ) -> None:
        self._home = home
        self._command = command
        self._log = log
        self._listening = listening
        self._servers: list[Server] = []
        self._serving: Server | None = None
        self._stopping = self._replacing = False
        self._short_lives = 0
        self._nightly = Nightly(home)

    def run(self) -> int:
        """Keep it running until SIGTERM; return how this process is to end."""
        end = time.monotonic() + LOCK_SECONDS
        # Whoever looks whether it is held has it for a moment.
        while not (lock := process.take_lock(self._home)) and time.monotonic() < end:
            time.sleep(process.POLL_SECONDS)
        if lock is None:
            return IN_USE
        signal.signal(signal.SIGTERM, self._stop)
        signal.signal(signal.SIGHUP, self._replace)
        while True:
            begun = time.monotonic()
            self._serve(self._start(lock.fileno()))
            self._wait(lock.fileno())
            if self._stopping:
                return STOPPED
            died_early = time.monotonic() - begun < SHORT_LIFE_SECONDS
            self._short_lives = self._short_lives + 1 if died_early else 0
            time.sleep(delay(self._short_lives))

    def _start(self, lock: int) -> "Server":
        # The settings may be others than those of the server before.
        environment = up.environment(self._home)
        public, private, path = self._listening.open()
        given = [public.fileno(), private.fileno()]
        environment["MONOLITH_LISTENING"] = " ".join(map(str, given))
        with open(self._log, "ab") as log, private:
            started = subprocess.Popen(
                self._command,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                pass_fds=[lock, *given],
            )
        server = Server(started, path, environment["MONOLITH_FINGERPRINT"])
        self._servers.append(server)
        return server

    def _serve(self, server: "Server") -> None:
        """Say everywhere that this is the server."""
        self._serving = server
        self._listening.point_to(server.path)
        running = process.Running(
            os.getpid(),
            server.process.pid,
            time.time(),
            server.fingerprint,
            self._short_lives,
        )
        # A disk that is full keeps the number of the server before, not this one from
        # serving; the keeper's own is the same.
        with suppress(OSError):
            process.write(self._home, running)

    def _wait(self, lock: int) -> None:
        """Wait until there is no server left; replace it when that is wanted."""
        while self._servers:
            if self._replacing and len(self._servers) == 1:
                self._replacing = False
                self._start(lock)
            time.sleep(LOOK_PERIOD_SECONDS)
            rotate(self._log)
            with suppress(OSError):
                self._nightly.look()
            self._servers = [one for one in self._servers if one.is_alive()]
            self._take_over()

    def _take_over(self) -> None:
        """Have the newest server serve alone when it is ready."""
        newest = self._servers[-1] if self._servers else self._serving
        if newest is None or newest is self._serving or not newest.is_ready():
            return
        self._serve(newest)
        for one in self._servers[:-1]:
            one.process.terminate()

    def _replace(self, _signal: int, _frame: FrameType | None) -> None:
        self._replacing = True

    def _stop(self, _signal: int, _frame: FrameType | None) -> None:
        self._stopping = True
        if not self._servers:
            # It waits for the next try.
            sys.exit(STOPPED)
        for one in self._servers:
            one.process.terminate()


@dataclass(frozen=True)
class Server:
    """A server that was started; ``path`` is that of its own socket."""

    process: "subprocess.Popen[bytes]"
    path: Path
    fingerprint: str

    def is_alive(self) -> bool:
        """Say whether it has not ended."""
        return self.process.poll() is None

    def is_ready(self) -> bool:
        """Say whether it does its work."""
        return probe.status_at(self.path) == 200


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
    log = home.logs / f"{process.RUNTIME}.log"
    try:
        listening = Listening(os.environ["MONOLITH_ADDRESS"], probe.socket_path(home))
    except OSError as error:
        with open(log, "a") as told:
            print(f"It cannot listen: {error}", file=told)
        return IN_USE
    return Keeper(home, command, log, listening).run()


if __name__ == "__main__":
    sys.exit(main())
