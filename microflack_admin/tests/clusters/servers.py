"""The servers of a host: database, queue with a sentinel, and registry."""

import os
import secrets
import subprocess
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from daemons import Daemon
from hosts import Host

from mfplatform.clusters import galera, queue, registry
from mfplatform.clusters.galera import Copier
from mfplatform.clusters.queue import Operator
from mfplatform.state.database import OPTIONS

DATABASE, REGISTRY = galera.Ports(), registry.Ports()
REDIS, SENTINEL = 6379, 26379
ROOT_PASSWORD = secrets.token_hex(16)
COPIER = Copier("copier", secrets.token_hex(16))
OPERATOR = Operator("operator", secrets.token_hex(16))
ROOT = """\
ALTER USER 'root'@'localhost' IDENTIFIED BY '{password}';
CREATE USER IF NOT EXISTS 'root'@'%' IDENTIFIED BY '{password}';
GRANT ALL PRIVILEGES ON *.* TO 'root'@'%' WITH GRANT OPTION;
"""


class Servers:
    """What runs on one host: it can be killed, and started again."""

    def __init__(self, host: Host, hosts: Sequence[Host], folder: Path) -> None:
        self.host = host
        self._members = [one.member for one in hosts]
        self._first = self._members[0]
        self._folder = folder / host.member.name
        self._folder.mkdir()
        self._running: list[Daemon] = []
        self._prepare_database()
        self._prepare_queue()

    def start(self, is_first: bool = False) -> None:
        """Start all of them, as on a host that was switched on.

        :param is_first: whether there is no cluster yet.
        """
        self._running.clear()
        for command in self._commands():
            self._start(command)
        self._start([*self._mariadbd, *self._how_to_start(is_first)])

    def kill(self) -> None:
        """Kill all of them, as on a host that is switched off."""
        for one in self._running:
            one.stop(kill=True)

    def _start(self, command: Sequence[str]) -> None:
        own = registry.environment(
            self.host.member, self._members, REGISTRY, "test", "./etcd-data"
        )
        log = self._folder / f"{len(self._running)}.log"
        at = ["env", "--chdir", str(self._folder), *command]
        self._running.append(self.host.daemon(at, log, os.environ | own))
        self._running[-1].start()

    @property
    def _mariadbd(self) -> list[str]:
        return ["mariadbd", f"--defaults-file={self._folder / 'my.cnf'}"]

    def _commands(self) -> list[list[str]]:
        file = partial(Path, self._folder)
        sentinel = ["redis-server", str(file("sentinel.conf")), "--sentinel"]
        return [["etcd"], ["redis-server", str(file("redis.conf"))], sentinel]

    def _how_to_start(self, is_first: bool) -> list[str]:
        found = b""
        if (self._folder / "data" / "mysql").exists():
            command = [*self._mariadbd, "--wsrep-recover"]
            found = subprocess.run(command, capture_output=True).stderr
        return galera.start_arguments(found.decode(errors="replace"), is_first)

    def _prepare_database(self) -> None:
        folder = self._folder
        for name in ("tmp", "data"):
            (folder / name).mkdir()
        statements = ROOT.format(password=ROOT_PASSWORD)
        (folder / "start.sql").write_text(statements + galera.start_statements(COPIER))
        files = {"user": "root", "datadir": folder / "data", "tmpdir": folder / "tmp"}
        files |= {"socket": folder / "mysql.sock", "init-file": folder / "start.sql"}
        files |= {"pid-file": folder / "mariadbd.pid"}
        text = galera.configuration(
            self.host.member, self._members, DATABASE, COPIER, files
        )
        (folder / "my.cnf").write_text(text + "\n[mariadbd]\n" + "\n".join(OPTIONS))
        if self.host.member == self._first:
            # The others are given a copy.
            command = ["mariadb-install-db", "--no-defaults", "--datadir=./data"]
            command += ["--auth-root-authentication-method=normal", "--skip-test-db"]
            command += ["--skip-name-resolve", "--force", "--user=root"]
            subprocess.run(command, cwd=folder, capture_output=True)

    def _prepare_queue(self) -> None:
        folder, (own, master) = self._folder, (self.host.member, self._first)
        users = f"user default off\nuser {OPERATOR.name} on >{OPERATOR.password}"
        (folder / "users.acl").write_text(f"{users} ~* &* +@all\n")
        files = {"dir": folder, "aclfile": folder / "users.acl"}
        text = queue.redis(own, master, REDIS, OPERATOR, files)
        (folder / "redis.conf").write_text(text)
        text = queue.sentinel(own, master, SENTINEL, REDIS, OPERATOR, {"dir": folder})
        (folder / "sentinel.conf").write_text(text)
