"""Talk to a running HAProxy through its sockets (the "runtime API").

Reference: "HAProxy Management Guide", version 2.6, section 9.3.
"""

import csv
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from mfplatform.balancer.config_file import server_options
from mfplatform.balancer.server_address import ServerAddress
from mfplatform.balancer.socket_client import (
    HAProxyError,
    send_command,
    send_master_command,
)

# Bits of a server's administrative state.
FORCED_MAINT = 0x01
FORCED_DRAIN = 0x08

AdminState = Literal["ready", "drain", "maint"]


@dataclass(frozen=True)
class Server:
    """One server as HAProxy has it now: an instance that it sends requests to."""

    endpoint: str
    weight: int
    maxconn: int
    backup: bool
    # What HAProxy was told to do with it.
    admin_state: AdminState
    # What its health checks say.
    healthy: bool
    sessions: int

    def matches(self, address: ServerAddress) -> bool:
        """Say whether address and options are those of ``address``."""
        mine = (self.endpoint, self.weight, self.maxconn, self.backup)
        return mine == (
            address.endpoint,
            address.weight,
            address.maxconn,
            address.backup,
        )


@dataclass(frozen=True)
class Identity:
    """Which process serves, and the hash of the configuration that it has loaded."""

    pid: str
    config_hash: str


@dataclass(frozen=True)
class HAProxyState(Identity):
    """What a running HAProxy serves.

    ``services`` has the servers by service and instance. ``old_processes`` counts those
    that were replaced and still have connections. They send requests to the servers
    that they know, which may have gone since.
    """

    services: dict[str, dict[str, Server]] = field(default_factory=dict)
    old_processes: int = 0


class HAProxy:
    """The load balancer's process, by its two sockets.

    Every method raises HAProxyError when HAProxy is away or refuses.
    """

    def __init__(self, path: Path, master_path: Path) -> None:
        self._path = path
        self._master_path = master_path

    def state(self) -> HAProxyState:
        """Return what HAProxy serves at this moment."""
        try:
            return self._read_state()
        except (KeyError, TypeError, ValueError) as error:
            # It ended in the middle of an answer.
            raise HAProxyError(f"HAProxy's answer is incomplete: {error}") from error

    def _read_state(self) -> HAProxyState:
        identity = self.identity()
        admin_bits = _parse_admin_bits(self._ask("show servers state"))
        services: dict[str, dict[str, Server]] = {}
        # 6: backends and servers.
        table = self._ask("show stat -1 6 -1").removeprefix("# ")
        for row in csv.DictReader(table.splitlines()):
            name, instance = row["pxname"], row["svname"]
            servers = services.setdefault(name, {})
            if instance != "BACKEND":
                servers[instance] = _parse_server(
                    row, admin_bits.get((name, instance), 0)
                )
        own = {name: s for name, s in services.items() if not name.startswith("_")}
        # The master would keep the connection open without "quit".
        processes = send_master_command(self._master_path, "show proc;quit")
        old = _count_old_processes(processes)
        return HAProxyState(identity.pid, identity.config_hash, own, old)

    def identity(self) -> Identity:
        """Return which process answers, and which configuration it has loaded."""
        lines = self._ask("show info").splitlines()
        info = dict(line.split(": ", 1) for line in lines if ": " in line)
        if "Pid" not in info:
            raise HAProxyError("HAProxy's answer is incomplete")
        return Identity(info["Pid"], info.get("description", ""))

    def reload(self) -> None:
        """Have the master process load its configuration file anew."""
        send_master_command(self._master_path, "reload")

    def add(self, service: str, instance: str, address: ServerAddress) -> None:
        """Add a server, checked for health from now on, and let it serve."""
        options = server_options(address)
        answer = self._ask(f"add server {service}/{instance} {options}")
        if answer != "New server registered.":
            raise HAProxyError(answer)
        self.enable(service, instance)

    def update(self, service: str, instance: str, address: ServerAddress) -> None:
        """Give a server another address or other options; requests are not cut."""
        server = f"{service}/{instance}"
        # HAProxy answers this one in any case: with what has changed.
        self._ask(f"set server {server} addr {address.ip} port {address.port}")
        self._order(f"set server {server} weight {address.weight}")
        self._order(f"set maxconn server {server} {address.maxconn}")
        self.enable(service, instance)

    def enable(self, service: str, instance: str) -> None:
        """Let a server serve; it registered as ready, so count it as healthy."""
        server = f"{service}/{instance}"
        self._order(f"enable health {server}")
        self._order(f"set server {server} health up")
        self._order(f"set server {server} state ready")

    def drain(self, service: str, instance: str) -> None:
        """Send a server no new clients."""
        self._order(f"set server {service}/{instance} state drain")

    def remove(self, service: str, instance: str, force: bool) -> bool:
        """Remove a server; False while it has connections, which ``force`` cuts."""
        server = f"{service}/{instance}"
        self._order(f"set server {server} state maint")
        if force:
            self._order(f"shutdown sessions server {server}")
        return self._ask(f"del server {server}") == "Server deleted."

    def _ask(self, command: str) -> str:
        return send_command(self._path, command)

    def _order(self, command: str) -> None:
        """Send a command that HAProxy answers only to refuse it."""
        if answer := self._ask(command):
            raise HAProxyError(f"{command}: {answer}")


def _count_old_processes(table: str) -> int:
    _, _, old = table.partition("# old workers\n")
    return sum(line.split()[1:2] == ["worker"] for line in old.splitlines())


def _parse_admin_bits(table: str) -> dict[tuple[str, str], int]:
    # The first line is the version of the format.
    _, _, table = table.partition("\n")
    rows = csv.DictReader(table.removeprefix("# ").splitlines(), delimiter=" ")
    return {
        (row["be_name"], row["srv_name"]): int(row["srv_admin_state"]) for row in rows
    }


def _parse_server(row: dict[str, str], admin_bits: int) -> Server:
    admin_state: AdminState = "ready"
    if admin_bits & FORCED_MAINT:
        admin_state = "maint"
    elif admin_bits & FORCED_DRAIN:
        admin_state = "drain"
    return Server(
        endpoint=row["addr"],
        weight=int(row["uweight"]),
        maxconn=int(row["slim"] or 0),
        backup=row["bck"] == "1",
        admin_state=admin_state,
        healthy=not row["status"].startswith(("DOWN", "MAINT")),
        sessions=int(row["scur"]) + int(row["qcur"]),
    )
