"""A MariaDB of its own, set up and reached as that of a platform."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mfplatform.state import database
from mfplatform.state.home import Home, PlatformError, write_env
from microflack_common.testing_server import ServerProcess, free_port, started


class DatabaseServer(ServerProcess):
    """A server that listens on its socket, and on a port of this machine."""

    def __init__(self, home: Home) -> None:
        self.home = home
        own = f"--defaults-file={home.path / 'mariadb' / 'my.cnf'}"
        super().__init__(["mariadbd", own])

    def answers(self) -> bool:
        """Tell whether it lets root in."""
        try:
            database.execute(self.home, "SELECT 1;")
        except PlatformError:
            return False
        return True


@contextmanager
def server(folder: Path) -> Iterator[Home]:
    """Give the home of a server that runs while the block does."""
    home = Home(folder / "home")
    home.logs.mkdir(parents=True)
    # The path of a socket has to be short.
    with tempfile.TemporaryDirectory(prefix="mf-") as run:
        settings = {"MYSQL_PORT": str(free_port()), "MF_RUN": run}
        write_env(home.settings_file, settings)
        write_env(home.secrets_file, {"MYSQL_ROOT_PASSWORD": "secret"})
        database.prepare(home)
        with started(DatabaseServer(home)):
            yield home
