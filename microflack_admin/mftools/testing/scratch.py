"""Run a command with an empty MariaDB of its own, which is gone afterwards.

python -m mftools.testing.scratch COMMAND [ARG...]

The command finds the database's SQLAlchemy URL in TEST_DATABASE_URL.
"""

import os
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from mfplatform.state import database, ports, probes
from mfplatform.state.home import Home, PlatformError, write_env

START_TIMEOUT_SECONDS = 60
# Below the platforms' own ports and those of outgoing connections.
PORTS = range(19000, 20000)


def main(command: list[str]) -> int:
    """Run the command; return its exit code."""
    # Not MF_HOME: the path of the socket must be short.
    folder = Path(tempfile.mkdtemp(prefix="mf-"))
    try:
        return _run(_home(folder), command)
    except PlatformError as error:
        print(f"mftest: {error}", file=sys.stderr)
        return 1
    finally:
        shutil.rmtree(folder)


def _home(folder: Path) -> Home:
    home = Home(folder)
    home.logs.mkdir()
    port = str(ports.pick(PORTS, []))
    write_env(home.settings_file, {"MYSQL_PORT": port, "MF_RUN": str(folder)})
    write_env(home.secrets_file, {"MYSQL_ROOT_PASSWORD": secrets.token_hex(16)})
    return home


def _run(home: Home, command: list[str]) -> int:
    database.prepare(home)
    configuration = home.path / "mariadb" / "my.cnf"
    server = ["mariadbd", f"--defaults-file={configuration}"]
    with open(home.logs / "mariadb.log", "w") as log:
        process = subprocess.Popen(server, stdout=log, stderr=log)
    try:
        _wait(home, process)
        found = {"TEST_DATABASE_URL": database.ensure(home, "test")}
        own = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
        return subprocess.run(command, env=own | found, check=False).returncode
    finally:
        process.terminate()
        process.wait()


def _wait(home: Home, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_TIMEOUT_SECONDS
    while not probes.mariadb_answers(home):
        if process.poll() is not None or time.monotonic() > deadline:
            tail = probes.log_tail(home, "mariadb")
            raise PlatformError(f"MariaDB does not start. Its log ends:\n{tail}")
        time.sleep(0.1)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
