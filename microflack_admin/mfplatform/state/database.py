"""The platform's MariaDB: its data folder, and a database for each service."""

import os
import pwd
import secrets
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

from mfplatform.state.home import (
    Home,
    PlatformError,
    read_env,
    write_env,
    write_private,
)

# Known to MySQL 8 and to MariaDB alike, so that either can be the database. It is
# small, since it shares a machine with everything else, and durable.
OPTIONS = (
    "skip-name-resolve",
    "skip-log-bin",
    "character-set-server=utf8mb4",
    "collation-server=utf8mb4_unicode_ci",
    "default-time-zone=+00:00",
    "max-connections=500",
    "max-allowed-packet=16M",
    "performance-schema=OFF",
    "innodb-buffer-pool-size=96M",
    "innodb-flush-log-at-trx-commit=1",
)

CONFIGURATION = """\
[mariadbd]
user = {user}
datadir = {folder}/data
# Its own: a server that starts deletes the temporary tables of all in the folder.
tmpdir = {folder}/tmp
socket = {socket}
pid-file = {folder}/mariadbd.pid
init-file = {folder}/start.sql
bind-address = {host}
port = {port}
key-buffer-size = 1M
aria-pagecache-buffer-size = 8M
innodb-log-file-size = 48M
{options}
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
socket = {socket}
default-character-set = utf8mb4
"""

SERVICE = """\
CREATE DATABASE IF NOT EXISTS `{name}`
    CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;
"""

USER = """\
CREATE USER IF NOT EXISTS '{name}'@'%' IDENTIFIED BY '{password}';
ALTER USER '{name}'@'%' IDENTIFIED BY '{password}' ACCOUNT UNLOCK;
GRANT ALL PRIVILEGES ON `{name}`.* TO '{name}'@'%';
"""


def _user_name() -> str:
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        # It has a number only; the server looks at the name when it is root.
        return str(os.getuid())


def prepare(home: Home) -> None:
    """Write the server's configuration and, the first time, its system tables."""
    folder = home.path / "mariadb"
    folder.mkdir(mode=0o700, exist_ok=True)
    (folder / "tmp").mkdir(mode=0o700, exist_ok=True)
    root = home.secrets["MYSQL_ROOT_PASSWORD"]
    text = CONFIGURATION.format(
        user=_user_name(),
        folder=folder,
        socket=_socket(home),
        host=home.host,
        port=home.settings["MYSQL_PORT"],
        options="\n".join(OPTIONS),
    )
    write_private(folder / "my.cnf", text)
    write_private(folder / "start.sql", START.format(password=root))
    client = CLIENT.format(password=root, socket=_socket(home))
    write_private(folder / "client.cnf", client)
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


def _socket(home: Home) -> Path:
    return home.run / "mysql.sock"


def execute(home: Home, sql: str, timeout_seconds: float = 30) -> str:
    """Run statements as root; each ends with a semicolon, and holds no other.

    :return: for each that has a result a line of names and a line for each row, with
        tabs between the columns.
    :raises PlatformError: the server does not answer, or refuses one of them.
    """
    told: list[str] = []
    with connection(home, timeout_seconds) as cursor:
        for statement in filter(None, map(str.strip, sql.split(";"))):
            cursor.execute(statement)
            rows = [[column[0] for column in cursor.description or ()]]
            rows += cursor.fetchall() if cursor.description else []
            told += ["\t".join(map(str, row)) for row in rows if row]
    return "\n".join(told)


@contextmanager
def connection(home: Home, timeout_seconds: float = 30) -> Iterator[Any]:
    """Give a cursor (PEP 249) of root; each statement is a transaction of its own.

    :raises PlatformError: the server does not answer, or refuses what is asked.
    """
    # Only here: scripts that run before the tools are installed import this module.
    import pymysql

    try:
        with (
            pymysql.connect(
                **_way_in(home),
                user="root",
                password=home.secrets["MYSQL_ROOT_PASSWORD"],
                connect_timeout=max(1, int(timeout_seconds)),
                read_timeout=timeout_seconds,
                autocommit=True,
            ) as connected,
            connected.cursor() as cursor,
        ):
            yield cursor
    except (pymysql.MySQLError, OSError) as error:
        raise PlatformError(f"the database: {error}") from error


def _way_in(home: Home) -> dict[str, Any]:
    """Return how to reach the server: by its socket if it has one on this machine.

    There root need not be let in over the network.
    """
    if _socket(home).exists():
        return {"unix_socket": str(_socket(home))}
    return {"host": home.door, "port": int(home.settings["MYSQL_PORT"])}


def ensure(home: Home, service: str) -> str:
    """Make a service's database, user and password if need be; return its URL."""
    own = password(home, service)
    with home.locked("database"):
        execute(home, (SERVICE + USER).format(name=service, password=own))
    return url(home, service, service, own)


def ensure_database(home: Home, service: str) -> None:
    """Make a service's database if need be, and no user."""
    with home.locked("database"):
        execute(home, SERVICE.format(name=service))


def lock_user(home: Home, service: str) -> None:
    """Let nobody in any more as the user that a service always has.

    It is not removed: the triggers that it has made run as long as it is there.
    """
    stored = read_env(password_file(home, service))
    if stored.pop("DB_PASSWORD", ""):
        execute(home, f"ALTER USER IF EXISTS '{service}'@'%' ACCOUNT LOCK;")
        write_env(password_file(home, service), stored)


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


def url(home: Home, service: str, user: str, password: str) -> str:
    """Return the SQLAlchemy URL of a service's database."""
    server, options = f"{home.door}:{home.settings['MYSQL_PORT']}", "charset=utf8mb4"
    if _socket(home).exists():
        # PyMySQL goes there, and passes no port that others on the machine can reach.
        options += f"&unix_socket={quote(str(_socket(home)))}"
    return f"mysql+pymysql://{user}:{password}@{server}/{service}?{options}"
