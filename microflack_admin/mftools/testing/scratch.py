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
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mfplatform.state import database, ports, probes
from mfplatform.state.home import Home, PlatformError, write_env

START_TIMEOUT_SECONDS = 180
# Below the platforms' own ports and those of outgoing connections.
PORTS = range(19000, 20000)


def main(command: list[str]) -> int:
    """Run the command; return its exit code."""
    try:
        with server() as home:
            found = {"TEST_DATABASE_URL": database.ensure(home, "test")}
            own = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
            return subprocess.run(command, env=own | found, check=False).returncode
    except PlatformError as error:
        print(f"mftest: {error}", file=sys.stderr)
        return 1


@contextmanager
def server(host: str = "127.0.0.1") -> Iterator[Home]:
    """Run an empty MariaDB while the block runs; raise PlatformError if it cannot.

    :param host: an address of this machine, at which it listens.
    """
    # Not MF_HOME: the path of the socket must be short.
    folder = Path(tempfile.mkdtemp(prefix="mf-"))
    try:
        with _running(_home(folder, host)) as home:
            yield home
    finally:
        shutil.rmtree(folder)


def _home(folder: Path, host: str) -> Home:
    home = Home(folder)
    home.logs.mkdir()
    settings = {"MYSQL_PORT": str(ports.pick(PORTS, [])), "MF_RUN": str(folder)}
    write_env(home.settings_file, settings | {"HOST_IP_ADDRESS": host})
    write_env(home.secrets_file, {"MYSQL_ROOT_PASSWORD": secrets.token_hex(16)})
    return home


@contextmanager
def _running(home: Home) -> Iterator[Home]:
    database.prepare(home)
    configuration = home.path / "mariadb" / "my.cnf"
    command = ["mariadbd", f"--defaults-file={configuration}"]
    with open(home.logs / "mariadb.log", "w") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        _wait(home, process)
        yield home
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
