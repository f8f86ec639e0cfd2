"""Start a supervised program with exactly the environment that a file holds.

    python -m mfplatform.runtime.process.exec_with_env ENV_FILE COMMAND [ARG...]

Secrets so stay out of command lines and of the supervisor's configuration.
"""

import os
import signal
import sys
from pathlib import Path

from mfplatform.runtime.process import processes, restarts
from mfplatform.secrets_store import start
from mfplatform.state.home import read_env

MARKS = ("SUPERVISOR_SERVER_URL", "SUPERVISOR_PROCESS_NAME")


def main() -> None:
    """Become the program, once nothing is left of its predecessor."""
    env_file, *command = sys.argv[1:]
    marks = {mark: os.environ[mark] for mark in MARKS}
    # When a server's first process is killed its workers may hold the port for a
    # while; the supervisor started nothing else under this name.
    left = processes.marked(*marks.values())
    processes.send(left, signal.SIGKILL)
    restarts.wait_for_turn(Path(env_file))
    try:
        environment = start.complete(read_env(Path(env_file)))
    except start.StartError as error:
        sys.exit(f"{marks['SUPERVISOR_PROCESS_NAME']}: {error}")
    os.execvpe(command[0], command, environment | marks)


if __name__ == "__main__":
    main()
