"""The database's own files: no other server's are touched, and a failure is told."""

import os
import subprocess
import sys

import pytest
from platforms import ADMIN

from mfplatform.state import database
from mfplatform.state.home import Home, PlatformError, write_env


@pytest.fixture
def home(tmp_path):
    """Return a home with all that MariaDB's tables need."""
    home = Home(tmp_path / "home")
    home.logs.mkdir(parents=True)
    settings = {"MYSQL_PORT": "19999", "MF_RUN": str(tmp_path)}
    write_env(home.settings_file, settings)
    write_env(home.secrets_file, {"MYSQL_ROOT_PASSWORD": "secret"})
    return home


def test_a_server_that_starts_leaves_the_temporary_tables_of_others(tmp_path):
    theirs = tmp_path / "#sql-temptable-1-2-3.MAI"
    theirs.touch()
    own = os.environ | {"TMPDIR": str(tmp_path), "PYTHONPATH": str(ADMIN)}
    command = [sys.executable, "-P", "-m", "mftools.testing.scratch", "true"]
    done = subprocess.run(command, env=own, check=False)
    assert done.returncode == 0
    assert theirs.exists()


def test_tables_that_cannot_be_set_up_are_told_with_the_reason(
    home, tmp_path, monkeypatch
):
    broken = tmp_path / "bin" / "mariadb-install-db"
    broken.parent.mkdir()
    broken.write_text("#!/bin/sh\necho no space left\nexit 1\n")
    broken.chmod(0o755)
    monkeypatch.setenv("PATH", f"{broken.parent}:{os.environ['PATH']}")
    with pytest.raises(PlatformError, match=r"mariadb-install\.log.*\n.*no space left"):
        database.prepare(home)
    assert not (home.path / "mariadb" / "installed").exists()


def test_services_go_by_the_socket_of_a_server_on_their_machine(home):
    by_port = database.url(home, "echo", "echo", "secret")
    assert by_port == (
        "mysql+pymysql://echo:secret@127.0.0.1:19999/echo?charset=utf8mb4"
    )
    (home.run / "mysql.sock").touch()
    by_socket = f"{by_port}&unix_socket={home.run}/mysql.sock"
    assert database.url(home, "echo", "echo", "secret") == by_socket
