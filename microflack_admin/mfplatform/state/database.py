"""The platform's MariaDB: its data folder, and a database for each service."""

import getpass
import os
import secrets
import shutil
import subprocess
from pathlib import Path

from mfplatform.state.home import (
    Home,
    PlatformError,
    read_env,
    write_env,
    write_private,
)

CONFIGURATION = """\
[mariadbd]
user = {user}
datadir = {folder}/data
# Its own: a server that starts deletes the temporary tables of all in the folder.
tmpdir = {folder}/tmp
socket = {run}/mysql.sock
pid-file = {folder}/mariadbd.pid
init-file = {folder}/start.sql
bind-address = {host}
port = {port}
skip-name-resolve
skip-log-bin
character-set-server = utf8mb4
collation-server = utf8mb4_unicode_ci
default-time-zone = +00:00
max-connections = 500
max-allowed-packet = 16M
# Small, since it shares a machine with everything else, ...
performance-schema = OFF
key-buffer-size = 1M
aria-pagecache-buffer-size = 8M
innodb-buffer-pool-size = 96M
innodb-log-file-size = 48M
# ... and durable: what was committed is on the disk.
innodb-flush-log-at-trx-commit = 1
"""

# Run at every start, one statement a line.
START = """\
ALTER USER 'root'@'localhost' IDENTIFIED BY '{password}';
DELETE FROM mysql.global_priv WHERE User = '';
DELETE FROM mysql.global_priv WHERE User = 'root' AND Host <> 'localhost';
FLUSH PRIVILEGES;
"""

CLIENT = """\
[client]
user = root
password = {password}
socket = {run}/mysql.sock
default-character-set = utf8mb4
"""

SERVICE = """\
CREATE DATABASE IF NOT EXISTS `{name}`
    CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;
CREATE USER IF NOT EXISTS '{name}'@'%' IDENTIFIED BY '{password}';
ALTER USER '{name}'@'%' IDENTIFIED BY '{password}';
GRANT ALL PRIVILEGES ON `{name}`.* TO '{name}'@'%';
"""


def prepare(home: Home) -> None:
    """Write the server's configuration and, the first time, its system tables."""
    folder = home.path / "mariadb"
    folder.mkdir(mode=0o700, exist_ok=True)
    (folder / "tmp").mkdir(mode=0o700, exist_ok=True)
    root = home.secrets["MYSQL_ROOT_PASSWORD"]
    text = CONFIGURATION.format(
        user=getpass.getuser() if os.getuid() else "root",
        folder=folder,
        run=home.run,
        host=home.host,
        port=home.settings["MYSQL_PORT"],
    )
    write_private(folder / "my.cnf", text)
    write_private(folder / "start.sql", START.format(password=root))
    write_private(folder / "client.cnf", CLIENT.format(password=root, run=home.run))
    if not (folder / "installed").exists():
        _install(home, folder)
        (folder / "installed").touch()


def _install(home: Home, folder: Path) -> None:
    # What an interrupted first start left is not worth keeping: no service can have
    # used a server that was never installed completely.
    if (folder / "data").exists():
        shutil.rmtree(folder / "data")
    (folder / "data").mkdir(mode=0o700)
    # Everything relative: the script cannot cope with a space in a path.
    command = ["mariadb-install-db", "--no-defaults", "--datadir=./data"]
    command += ["--auth-root-authentication-method=normal", "--skip-test-db"]
    # A machine whose own name cannot be looked up is no reason to fail.
    command += ["--skip-name-resolve", "--force"]
    command += [] if os.getuid() else ["--user=root"]
    own = os.environ | {"TMPDIR": str(folder / "tmp")}
    log = home.logs / "mariadb-install.log"
    with open(log, "w") as out:
        done = subprocess.run(
            command, env=own, stdout=out, stderr=out, cwd=folder, check=False
        )
    # It fails with 0, too.
    if done.returncode or not (folder / "data" / "mysql" / "db.frm").exists():
        # Advice of general kind follows what went wrong.
        told = log.read_text(errors="replace").partition("Installation of")[0]
        raise PlatformError(
            f"MariaDB could not set up its tables: see {log}, which says:\n"
            f"{told.strip()}"
        )


def execute(home: Home, sql: str, timeout: float = 30) -> str:
    """Run statements as root; return what they tell, as text."""
    if home.runtime == "docker":
        return _execute_remotely(home, sql, timeout)
    # They are passed on standard input, and the password in a file.
    client = home.path / "mariadb" / "client.cnf"
    command = ["mariadb", f"--defaults-file={client}", "--batch"]
    try:
        done = subprocess.run(
            command,
            input=sql,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise PlatformError(f"MariaDB gave no answer in {timeout:.0f} s") from None
    if done.returncode:
        raise PlatformError(f"MariaDB: {done.stderr.strip()}")
    return done.stdout


def _execute_remotely(home: Home, sql: str, timeout: float) -> str:
    """Run statements on whatever server listens at the database's port."""
    # Only here: scripts that run before the tools are installed import this module.
    import pymysql

    told = []
    try:
        with (
            pymysql.connect(
                host=home.host,
                port=int(home.settings["MYSQL_PORT"]),
                user="root",
                password=home.secrets["MYSQL_ROOT_PASSWORD"],
                connect_timeout=int(timeout),
                read_timeout=timeout,
            ) as connection,
            connection.cursor() as cursor,
        ):
            for statement in filter(None, map(str.strip, sql.split(";"))):
                cursor.execute(statement)
                told += [" ".join(map(str, row)) for row in cursor.fetchall()]
    except (pymysql.MySQLError, OSError) as error:
        raise PlatformError(f"the database: {error}") from error
    return "\n".join(told)


def ensure(home: Home, service: str) -> str:
    """Make a service's database, user and password if need be; return its URL."""
    own = password(home, service)
    with home.locked("database"):
        execute(home, SERVICE.format(name=service, password=own))
    return url(home, service, own)


def password_file(home: Home, service: str) -> Path:
    """Return the file that holds a service's password."""
    return home.path / "secrets" / f"{service}.env"


def password(home: Home, service: str) -> str:
    """Return the password of a service's database; make it if need be."""
    with home.locked("passwords"):
        stored = read_env(password_file(home, service))
        if "DB_PASSWORD" not in stored:
            stored["DB_PASSWORD"] = secrets.token_hex(20)
            write_env(password_file(home, service), stored)
    return stored["DB_PASSWORD"]


def url(home: Home, service: str, password: str) -> str:
    """Return the SQLAlchemy URL of a service's database."""
    server = f"{home.host}:{home.settings['MYSQL_PORT']}"
    return f"mysql+pymysql://{service}:{password}@{server}/{service}?charset=utf8mb4"
