"""The services, which know one address each of database, queue and registry."""

import os
import secrets
import sys
from collections.abc import Mapping
from pathlib import Path

from daemons import Daemon, free_port, wait_for
from servers import DATABASE, OPERATOR, REDIS, REGISTRY
from whole import execute

from mfplatform.clusters import doors
from mfplatform.clusters.doors import Way
from mfplatform.clusters.members import Member
from microflack_common.registry import Registry

ROOT = Path(__file__).parents[3]
VENVS = Path(sys.prefix).parent
# The ports of doors.
DOORS, DATABASE_DOOR, QUEUE_DOOR, REGISTRY_DOOR = 1024, 13306, 16379, 12379
SERVE = {"socketio": "microflack_common.serve_async"}
LOCATIONS = {
    "users": "/api/users",
    "tokens": "/api/tokens",
    "messages": "/api/messages",
    "socketio": "/socket.io",
}
DATABASES = ("users", "tokens", "messages")
BALANCER = """\
defaults
    mode http
    timeout connect 1m
    timeout client 1h
    timeout server 1h

frontend chat
    bind {address}
    use_backend messages if {{ path_beg /api/messages /api/rooms }}
    use_backend tokens if {{ path_beg /api/tokens }}
    use_backend socketio if {{ path_beg /socket.io }}
    default_backend users

{backends}"""


class Door:
    """A door of this machine, which has no servers of clusters."""

    def __init__(self, name: str, address: str, folder: Path) -> None:
        self.member = Member(name, address)
        self._folder = folder
        self._file = folder / f"{name}.cfg"
        self.daemon = Daemon(
            ["haproxy", "-db", "-f", str(self._file)], folder / f"{name}.log"
        )

    def start(self, members: list[Member], others: list[Member]) -> None:
        """Open it."""
        at, socket = self.member.at, self._folder / f"{self.member.name}.sock"
        ways = (
            Way(at(DATABASE_DOOR), DATABASE.clients),
            Way(at(QUEUE_DOOR), REDIS),
            Way(at(REGISTRY_DOOR), REGISTRY.clients),
        )
        text = doors.configuration(
            self.member, members, DOORS, *ways, OPERATOR, socket, others
        )
        self._file.write_text(text)
        self.daemon.start()


class Services:
    """One instance of each service at one door, and one of messages at another."""

    def __init__(self, first: Door, second: Door, folder: Path) -> None:
        self._folder, self._host = folder, first.member.address
        self.port = free_port()
        self._password = secrets.token_hex(16)
        common = {"JWT_SECRET_KEY": secrets.token_hex(32), "MF_LIMITS": "off"}
        common |= {"SERVICE_KEY": secrets.token_hex(32)}
        self._common = common | {"LB": f"http://{self._host}:{self.port}"}
        self._at = dict.fromkeys(LOCATIONS, first) | {"messages-2": second}
        self._ports = {name: free_port() for name in self._at}
        self._running: list[Daemon] = []
        self._first = first.member

    def start(self) -> None:
        """Have databases and services, ready and registered."""
        make = []
        for name in DATABASES:
            user = f"'{name}'@'%'"
            make.append(f"CREATE DATABASE {name} CHARACTER SET utf8mb4")
            make.append(f"CREATE USER {user} IDENTIFIED BY '{self._password}'")
            make.append(f"GRANT ALL ON {name}.* TO {user}")
        execute(self._first.address, DATABASE_DOOR, *make)
        for name in self._at:
            self._run(name)
        self._balance()
        wait_for(lambda: self.registered() == set(self._at), 300)

    def registered(self) -> set[str]:
        """Return the instances that are in the registry."""
        found = Registry(self._first.at(REGISTRY_DOOR)).tree("/services").values
        return {key.split("/")[-1] for key in found if "/upstream/" in key}

    def log(self) -> str:
        """Return what all of them have written."""
        return "".join(one.log for one in self._running)

    def stop(self) -> None:
        """Stop all of them."""
        for one in self._running:
            one.stop(kill=True)

    def _run(self, name: str) -> None:
        service = name.removesuffix("-2")
        command = [str(VENVS / service / "bin" / "python"), "-m", "gunicorn"]
        serve = SERVE.get(service, "microflack_common.serve")
        command += ["--config", f"python:{serve}"]
        command += ["--chdir", str(ROOT / f"microflack_{service}")]
        command.append(f"microflack_{service}.app:create_app()")
        self._start(name, command, self._environment(name, service))

    def _environment(self, name: str, service: str) -> dict[str, str]:
        at = self._at[name].member.at
        url = f"mysql+pymysql://{service}:{self._password}@{at(DATABASE_DOOR)}"
        queue = f"{OPERATOR.name}:{OPERATOR.password}@{at(QUEUE_DOOR)}"
        own = {"SERVICE_NAME": service, "INSTANCE_NAME": name}
        own |= {"SERVICE_URL": LOCATIONS[service], "REDIS": queue}
        own |= {"SERVICE_ADDRESS": f"{self._host}:{self._ports[name]}"}
        own |= {"DATABASE_URL": f"{url}/{service}?charset=utf8mb4"}
        return self._common | own | {"ETCD": f"http://{at(REGISTRY_DOOR)}"}

    def _balance(self) -> None:
        backends = []
        for service in LOCATIONS:
            backends.append(f"backend {service}")
            backends += [
                f"    server {name} {self._host}:{port}"
                for name, port in self._ports.items()
                if name.removesuffix("-2") == service
            ]
        text = BALANCER.format(
            address=f"{self._host}:{self.port}", backends="\n".join(backends) + "\n"
        )
        file = self._folder / "balancer.cfg"
        file.write_text(text)
        self._start("balancer", ["haproxy", "-db", "-f", str(file)], {})

    def _start(self, name: str, command: list[str], env: Mapping[str, str]) -> None:
        log = self._folder / f"{name}.log"
        self._running.append(Daemon(command, log, os.environ | env))
        self._running[-1].start()
