"""The programs that the supervisor keeps running, and how each is described to it."""

import os
import pwd
import shlex
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

# startsecs = 0: the supervisor then never waits longer from one restart to the next,
# so what dies is back within a second or two however often it died before.
PROGRAM = """\
[program:{name}]
command = {command}
directory = {directory}
environment = PYTHONPATH={admin}
autostart = false
autorestart = true
startsecs = 0
startretries = 1000000
stopsignal = {stop_signal}
stopwaitsecs = {stop_seconds}
stopasgroup = true
killasgroup = true
redirect_stderr = true
stdout_logfile = {logs}/{name}.log
stdout_logfile_maxbytes = 10MB
stdout_logfile_backups = 3
"""


# Replaces itself by the program, which then has the settings of a file.
EXEC = "mfplatform.runtime.process.exec_with_env"


def base_environment() -> dict[str, str]:
    """Return what every process gets, whatever shell the platform is started from."""
    try:
        home = pwd.getpwuid(os.getuid()).pw_dir
    except KeyError:
        # A user that only has a number, as in some containers.
        home = os.environ.get("HOME", "/")
    return {"PATH": SYSTEM_PATH, "HOME": home, "LANG": "C.UTF-8"}


@dataclass(frozen=True)
class Program:
    """One thing to keep running."""

    name: str
    command: Sequence[str]
    directory: Path
    environment: Mapping[str, str]
    environment_file: Path
    stop_signal: str = "TERM"
    stop_seconds: int = 10

    def described(self, logs: Path) -> str:
        """Return its part of the supervisor's configuration."""
        launch = [sys.executable, "-S", "-P", "-m", EXEC, str(self.environment_file)]
        command = [*launch, *self.command]
        return PROGRAM.format(
            name=self.name,
            command=escaped(shlex.join(command)),
            directory=escaped(self.directory),
            admin=escaped(shlex.quote(os.environ["MF_ADMIN"])),
            logs=escaped(logs),
            stop_signal=self.stop_signal,
            stop_seconds=self.stop_seconds,
        )


def escaped(text: str | Path) -> str:
    """Return a text in which no percent sign has a meaning."""
    return str(text).replace("%", "%%")
