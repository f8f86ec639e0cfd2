"""Talk to a running HAProxy through its sockets (the "runtime API").

Reference: "HAProxy Management Guide", version 2.6, section 9.3.
"""

import csv
from dataclasses import dataclass, field
from pathlib import Path

from mfplatform.balancer.config_file import server_options
from mfplatform.balancer.server_address import Upstream
from mfplatform.balancer.socket_client import HAProxyError, ask, ask_master

FORCED_MAINT = 0x01
FORCED_DRAIN = 0x08


@dataclass(frozen=True)
class Server:
    """One server as HAProxy has it now."""

    endpoint: str
    weight: int
    maxconn: int
    backup: bool
    state: str
    up: bool
    sessions: int

    def serves(self, upstream: Upstream) -> bool:
        """Say whether address and options are those of ``upstream``."""
        mine = (self.endpoint, self.weight, self.maxconn, self.backup)
        return mine == (
            upstream.endpoint,
            upstream.weight,
            upstream.maxconn,
            upstream.backup,
        )


@dataclass(frozen=True)
class Identity:
    """Which process serves, and the shape of its configuration."""

    pid: str
    shape: str


@dataclass(frozen=True)
class Running(Identity):
    """What a running HAProxy has loaded.

    ``old_processes`` counts those that were replaced and still have connections. They
    send requests to the servers that they know, which may have gone since.
    """

    services: dict[str, dict[str, Server]] = field(default_factory=dict)
    old_processes: int = 0


class HAProxy:
    """The load balancer's process, by its two sockets."""

    def __init__(self, path: Path, master_path: Path) -> None:
        self._path = path
        self._master_path = master_path

    def running(self) -> Running:
        """Return what HAProxy serves at this moment."""
        try:
            return self._running()
        except (KeyError, TypeError, ValueError) as error:
            # It ended in the middle of an answer.
            raise HAProxyError(f"HAProxy's answer is incomplete: {error}") from error

    def _running(self) -> Running:
        identity = self.identity()
        states = _states(ask(self._path, "show servers state"))
        services: dict[str, dict[str, Server]] = {}
        # 6: backends and servers.
        table = ask(self._path, "show stat -1 6 -1").removeprefix("# ")
        for row in csv.DictReader(table.splitlines()):
            name, server = row["pxname"], row["svname"]
            servers = services.setdefault(name, {})
            if server != "BACKEND":
                servers[server] = _server(row, states.get((name, server), 0))
        own = {name: s for name, s in services.items() if not name.startswith("_")}
        # The master would keep the connection otherwise.
        old = _old_processes(ask_master(self._master_path, "show proc;quit"))
        return Running(identity.pid, identity.shape, own, old)

    def identity(self) -> Identity:
        """Return which process answers, and what shape it has loaded."""
        lines = ask(self._path, "show info").splitlines()
        info = dict(line.split(": ", 1) for line in lines if ": " in line)
        if "Pid" not in info:
            raise HAProxyError("HAProxy's answer is incomplete")
        return Identity(info["Pid"], info.get("description", ""))

    def reload(self) -> None:
        """Have the master process load its configuration file anew."""
        ask_master(self._master_path, "reload")

    def add(self, service: str, instance: str, upstream: Upstream) -> None:
        """Add a server, checked for health from now on, and let it serve."""
        options = server_options(upstream)
        answer = self._do(f"add server {service}/{instance} {options}")
        if answer != "New server registered.":
            raise HAProxyError(answer)
        self.ready(service, instance)

    def change(self, service: str, instance: str, upstream: Upstream) -> None:
        """Give a server another address or other options; requests are not cut."""
        server = f"{service}/{instance}"
        self._do(f"set server {server} addr {upstream.ip} port {upstream.port}")
        self._quietly(f"set server {server} weight {upstream.weight}")
        self._quietly(f"set maxconn server {server} {upstream.maxconn}")
        self.ready(service, instance)

    def ready(self, service: str, instance: str) -> None:
        """Let a server serve; it registered as ready, so count it as healthy."""
        server = f"{service}/{instance}"
        self._quietly(f"enable health {server}")
        self._quietly(f"set server {server} health up")
        self._quietly(f"set server {server} state ready")

    def drain(self, service: str, instance: str) -> None:
        """Send a server no new clients."""
        self._quietly(f"set server {service}/{instance} state drain")

    def remove(self, service: str, instance: str, cut: bool) -> bool:
        """Remove a server; False while it has connections, unless they are cut."""
        server = f"{service}/{instance}"
        self._quietly(f"set server {server} state maint")
        if cut:
            self._quietly(f"shutdown sessions server {server}")
        return self._do(f"del server {server}") == "Server deleted."

    def _do(self, command: str) -> str:
        return ask(self._path, command)

    def _quietly(self, command: str) -> None:
        if answer := self._do(command):
            raise HAProxyError(f"{command}: {answer}")


def _old_processes(table: str) -> int:
    _, _, old = table.partition("# old workers\n")
    return sum(line.split()[1:2] == ["worker"] for line in old.splitlines())


def _states(table: str) -> dict[tuple[str, str], int]:
    # The first line is the version of the format.
    _, _, table = table.partition("\n")
    rows = csv.DictReader(table.removeprefix("# ").splitlines(), delimiter=" ")
    return {
        (row["be_name"], row["srv_name"]): int(row["srv_admin_state"]) for row in rows
    }


def _server(row: dict[str, str], admin_state: int) -> Server:
    state = "ready"
    if admin_state & FORCED_MAINT:
        state = "maint"
    elif admin_state & FORCED_DRAIN:
        state = "drain"
    return Server(
        endpoint=row["addr"],
        weight=int(row["uweight"]),
        maxconn=int(row["slim"] or 0),
        backup=row["bck"] == "1",
        state=state,
        up=not row["status"].startswith(("DOWN", "MAINT")),
        sessions=int(row["scur"]) + int(row["qcur"]),
    )
