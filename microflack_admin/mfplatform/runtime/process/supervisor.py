"""The process supervisor: its configuration, and what is asked of it while it runs."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mfplatform.runtime.process import processes, restarts, supervisor_rpc
from mfplatform.runtime.process.program_config import Program, base_environment, escaped
from mfplatform.runtime.process.supervisor_rpc import (
    NOT_RUNNING,
    STILL_RUNNING,
    UNKNOWN_NAME,
    SupervisorError,
)
from mfplatform.state.home import Home, PlatformError, write_env, write_private
from mfplatform.state.patience import Deadline

SUPERVISORD = """\
[supervisord]
logfile = {logs}/supervisor.log
logfile_maxbytes = 5MB
logfile_backups = 1
pidfile = {folder}/supervisord.pid
childlogdir = {logs}
directory = {folder}
umask = 077
minfds = 4096

[unix_http_server]
file = {run}/supervisor.sock
chmod = 0700

[supervisorctl]
serverurl = unix://{run}/supervisor.sock

[rpcinterface:supervisor]
supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface

[include]
files = conf.d/*.conf
"""

RUNNING = ("RUNNING", "STARTING", "BACKOFF")
START_TIMEOUT_SECONDS = 10
SHUTDOWN_TIMEOUT_SECONDS = 20
LOG_TAIL_BYTES = 64 * 1024
# What still runs after SIGKILL and this time hangs in the kernel.
KILL_TIMEOUT_SECONDS = 10


class Supervisor:
    """The supervisor of one platform."""

    def __init__(self, home: Home) -> None:
        self.home = home
        self._pidfile = home.supervisor / "supervisord.pid"

    @property
    def _socket(self) -> Path:
        return self.home.run / "supervisor.sock"

    def _call(self, method: str, *arguments: Any) -> Any:
        return supervisor_rpc.call(self._socket, method, *arguments)

    def is_running(self) -> bool:
        """Tell whether it answers."""
        if not self.home.was_started:
            return False
        try:
            return bool(self._call("getState")["statecode"] == 1)
        except SupervisorError:
            return False

    def start(self) -> None:
        """Start it, in a session of its own that outlives this shell."""
        self.end_left_behind()
        folder = self.home.supervisor
        (folder / "conf.d").mkdir(mode=0o700, parents=True, exist_ok=True)
        # What is to run is described anew; what is torn, or says where the platform was
        # before it was moved, must not keep it from starting.
        for described in (folder / "conf.d").glob("*.conf"):
            described.unlink()
        self.home.logs.mkdir(mode=0o700, exist_ok=True)
        names = {"logs": self.home.logs, "folder": folder, "run": self.home.run}
        text = SUPERVISORD.format(**{k: escaped(v) for k, v in names.items()})
        conf = str(folder / "supervisord.conf")
        write_private(Path(conf), text)
        started = subprocess.run(
            [sys.executable, "-P", "-m", "supervisor.supervisord", "-c", conf],
            env=base_environment(),
            stdin=subprocess.DEVNULL,
            check=False,
            cwd="/",
        )
        if started.returncode:
            raise PlatformError("the supervisor does not start: see above")
        deadline = Deadline(START_TIMEOUT_SECONDS)
        while not self.is_running():
            if deadline.is_over():
                raise PlatformError(f"supervisor: see {self.home.logs}/supervisor.log")
            time.sleep(0.02)

    def last_end(self, name: str) -> str:
        """Return how a program ended last; the supervisor forgets when it starts it."""
        log = self.home.logs / "supervisor.log"
        with open(log, "rb") as file:
            file.seek(max(0, log.stat().st_size - LOG_TAIL_BYTES))
            text = file.read().decode(errors="replace")
        ends = re.findall(rf"exited: {re.escape(name)} \(([^;)]+)", text)
        return str(ends[-1]) if ends else "unknown"

    def left_behind(self) -> set[str]:
        """Return the names of the programs that run though it does not."""
        if not self.home.was_started or self.is_running():
            return set()
        return processes.marked_names(f"unix://{self._socket}")

    def end_left_behind(self) -> None:
        """Stop a supervisor that does not answer, and what a dead one left running."""
        if not self.home.was_started:
            return
        url = f"unix://{self._socket}"
        try:
            pid = int(self._pidfile.read_text())
            command = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        except (OSError, ValueError):
            pid, command = 0, []
        if os.fsencode(self.home.supervisor / "supervisord.conf") in command:
            processes.end([pid], timeout_seconds=0.5)
        processes.end(processes.marked(url), timeout_seconds=10)
        self._socket.unlink(missing_ok=True)
        self._pidfile.unlink(missing_ok=True)

    def shut_down(self) -> None:
        """Stop it and all that it still runs."""
        pid = int(self._pidfile.read_text())
        self._call("shutdown")
        deadline = time.monotonic() + SHUTDOWN_TIMEOUT_SECONDS
        while processes.is_alive(pid) and time.monotonic() < deadline:
            time.sleep(0.05)
        self.end_left_behind()

    def all(self) -> dict[str, dict[str, Any]]:
        """Return what it knows of every program, by name."""
        return {found["name"]: found for found in self._call("getAllProcessInfo")}

    def state(self, name: str) -> str:
        """Return a program's state, or GONE when there is no such program."""
        try:
            return str(self._call("getProcessInfo", name)["statename"])
        except SupervisorError as error:
            if error.code != UNKNOWN_NAME:
                raise
            return "GONE"

    def ensure(self, program: Program) -> bool:
        """Have a program running as described; False when it was so already."""
        changed = write_env(program.environment_file, program.environment)
        with self.home.locked("supervisor"):
            conf = self.home.supervisor / "conf.d" / f"{program.name}.conf"
            changed = write_private(conf, program.described(self.home.logs)) or changed
            state = self.state(program.name)
            if state in RUNNING and not changed:
                return False
            self._load(program.name, known=state != "GONE")
        restarts.forget(program.environment_file)
        self._call("startProcess", program.name, False)
        return True

    def _load(self, name: str, known: bool) -> None:
        if known:
            self.stop([name])
            self._forget(name)
        self._call("reloadConfig")
        self._call("addProcessGroup", name)

    def pid(self, name: str) -> int:
        """Return the process of a program, 0 when it has none."""
        try:
            return int(self._call("getProcessInfo", name)["pid"])
        except SupervisorError as error:
            if error.code != UNKNOWN_NAME:
                raise
            return 0

    def stop(self, names: Sequence[str], timeout_seconds: float = 60) -> None:
        """Stop programs, side by side; kill those that have not within the time."""
        for name in names:
            try:
                self._call("stopProcess", name, False)
            except SupervisorError as error:
                if error.code not in (UNKNOWN_NAME, NOT_RUNNING):
                    raise
        if not self._stopped(names, timeout_seconds):
            for name in names:
                self._kill(name)
            if not self._stopped(names, KILL_TIMEOUT_SECONDS):
                raise PlatformError(f"{', '.join(names)} could not be stopped")

    def _stopped(self, names: Sequence[str], timeout_seconds: float) -> bool:
        deadline = Deadline(timeout_seconds)
        while any(self.state(name) in (*RUNNING, "STOPPING") for name in names):
            if deadline.is_over():
                return False
            time.sleep(0.05)
        return True

    def _kill(self, name: str) -> None:
        url = f"unix://{self._socket}"
        processes.send(processes.marked(url, name), signal.SIGKILL)

    def _forget(self, name: str) -> None:
        deadline = Deadline(KILL_TIMEOUT_SECONDS)
        while True:
            try:
                self._call("removeProcessGroup", name)
                return
            except SupervisorError as error:
                if error.code != STILL_RUNNING or deadline.is_over():
                    raise
            # It ends again and again, and had just done so when it was to be stopped:
            # that was not necessary, and then it was started again.
            self.stop([name])

    def remove(self, name: str, timeout_seconds: float = 60) -> None:
        """Stop a program and forget it."""
        self.stop([name], timeout_seconds)
        with self.home.locked("supervisor"):
            if self.state(name) != "GONE":
                self._forget(name)
            (self.home.supervisor / "conf.d" / f"{name}.conf").unlink(missing_ok=True)
            self._call("reloadConfig")
