"""Look at the platform while somebody watches, once for all who do.

Looking needs much more memory than serving the page, so another process does it, and
ends soon after the last one has gone.
"""

import logging
import subprocess
import sys
import threading
import time
from typing import IO

log = logging.getLogger(__name__)

COMMAND = (sys.executable, "-P", "-m", "mfplatform.top.follow")
# Who has not asked again within that time is gone.
UNWATCHED_SECONDS = 15.0
# The first look on a machine that does much else.
FIRST_LOOK_SECONDS = 60.0


class Watcher:
    """Has the newest look for whoever asks.

    :param command: prints looks, a line each.
    :param unwatched_seconds: after so long without a question nobody looks any more.
    """

    def __init__(
        self,
        command: tuple[str, ...] = COMMAND,
        unwatched_seconds: float = UNWATCHED_SECONDS,
    ) -> None:
        self._command = command
        self._unwatched_seconds = unwatched_seconds
        self._changed = threading.Condition()
        self._process: subprocess.Popen[bytes] | None = None
        self._asked_at = 0.0
        self._latest = b""

    @property
    def is_looking(self) -> bool:
        """Say whether a process looks just now."""
        with self._changed:
            return self._process is not None

    def latest(self, timeout_seconds: float = FIRST_LOOK_SECONDS) -> bytes:
        """Return the newest look as JSON; b"" if there is none within the time."""
        with self._changed:
            self._asked_at = time.monotonic()
            if self._process is None:
                self._start()
            self._changed.wait_for(self._is_answered, timeout_seconds)
            # Who has waited was there.
            self._asked_at = time.monotonic()
            return self._latest

    def _is_answered(self) -> bool:
        # Who looked may have died of what there was to see.
        return bool(self._latest) or self._process is None

    def _start(self) -> None:
        process = subprocess.Popen(
            self._command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE
        )
        assert process.stdout is not None
        self._process = process
        reader = (process, process.stdout)
        threading.Thread(target=self._read, args=reader, daemon=True).start()

    def _read(self, process: subprocess.Popen[bytes], lines: IO[bytes]) -> None:
        """Take over one look after the other, until nobody wants them any more."""
        with lines:
            for line in lines:
                if not self._take(line):
                    break
        process.terminate()
        process.wait()
        with self._changed:
            self._process, self._latest = None, b""
            self._changed.notify_all()

    def _take(self, line: bytes) -> bool:
        """Keep a look; say whether somebody still watches."""
        with self._changed:
            self._latest = line
            self._changed.notify_all()
            return time.monotonic() - self._asked_at < self._unwatched_seconds
