"""What can be done on the page: mf* commands that a person could call, one by one."""

import os
import re
import signal
import subprocess
import threading
from collections import deque
from collections.abc import Mapping
from pathlib import Path
from typing import Any

SERVICE = re.compile(r"[a-z][a-z0-9_]{0,62}")
MOST_INSTANCES = 100
SHOWN_LINES = 40
ABORT = ["mfupgrade", "abort"]
LOG_LINES = 200
LOGS_TIMEOUT_SECONDS = 60.0


class NotPossible(Exception):
    """Raised when something is not done; the text says why."""


def command(asked: Mapping[str, Any]) -> list[str]:
    """Return the command line of what was asked for.

    :param asked: ``do``, and ``service`` and ``instances`` where they are needed.
    :raises NotPossible: it makes no sense.
    """
    what = asked.get("do")
    if what == "abort":
        return ABORT
    service = checked(asked.get("service"))
    if what in ("roll", "rollback"):
        return ["mfupgrade", what, service]
    if what != "scale":
        raise NotPossible("'do' must be scale, roll, rollback or abort.")
    number = asked.get("instances")
    if type(number) is not int or not 1 <= number <= MOST_INSTANCES:
        raise NotPossible(f"'instances' must be from 1 to {MOST_INSTANCES}.")
    return ["mfscale", service, str(number)]


def checked(service: object) -> str:
    """Return the name of a service or an instance; raise NotPossible if it is none."""
    if not isinstance(service, str) or not SERVICE.fullmatch(service.replace("-", "_")):
        raise NotPossible("'service' must be the name of a service.")
    return service


class Actions:
    """Does one thing at a time, and remembers the last one.

    What it calls leaves its line in the audit log, as whenever somebody calls it.

    :param folder: where the commands are.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._process: subprocess.Popen[str] | None = None
        self._reader: threading.Thread | None = None
        self._command: list[str] = []
        self._lines: deque[str] = deque(maxlen=SHOWN_LINES)
        self._status: int | None = None

    def begin(self, words: list[str]) -> None:
        """Call a command; what is under way is interrupted only to be aborted.

        :raises NotPossible: another one is not finished.
        """
        if words == ABORT:
            self._interrupt_upgrade()
        with self._lock:
            if self._process is not None:
                raise NotPossible(f"{' '.join(self._command)} is not finished yet.")
            self._command, self._status = words, None
            self._lines.clear()
            self._process = self._started(words)
            told = (self._process,)
            self._reader = threading.Thread(target=self._follow, args=told, daemon=True)
            self._reader.start()

    def last(self) -> dict[str, Any] | None:
        """Return what was called last, what it said, and its exit status (None yet)."""
        with self._lock:
            if not self._command:
                return None
            said = "\n".join(self._lines)
            shown = " ".join(self._command)
            return {"command": shown, "status": self._status, "output": said}

    def logs(self, name: str) -> str:
        """Return the last lines that a service or one instance has logged."""
        done = subprocess.run(
            [self._folder / "mflogs", name, "-n", str(LOG_LINES)],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=LOGS_TIMEOUT_SECONDS,
            check=False,
        )
        return done.stdout or done.stderr

    def _started(self, words: list[str]) -> subprocess.Popen[str]:
        # In a session of its own: it is to be finished even if the page goes away.
        return subprocess.Popen(
            [self._folder / words[0], *words[1:]],
            env=os.environ | {"MF_THROUGH": "/status"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
        )

    def _follow(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        with process.stdout as output:
            for line in output:
                with self._lock:
                    self._lines.append(line.rstrip("\n"))
        status = process.wait()
        with self._lock:
            self._process, self._status = None, status

    def _interrupt_upgrade(self) -> None:
        """Stop an upgrade that was begun here as Ctrl-C does: now it can be undone."""
        with self._lock:
            process, reader = self._process, self._reader
            is_upgrade = self._command[:1] == ABORT[:1] and self._command != ABORT
            if process is None or reader is None or not is_upgrade:
                return
            os.killpg(process.pid, signal.SIGINT)
        reader.join()
