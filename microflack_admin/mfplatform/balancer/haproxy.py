"""Talk to a running HAProxy through its sockets (the "runtime API").

Reference: "HAProxy Management Guide", version 2.6, section 9.3.
"""

import csv
from functools import partial
from pathlib import Path

from mfplatform.balancer.config_file import server_options
from mfplatform.balancer.haproxy_state import (
    HAProxyState,
    Identity,
    Server,
    parse_admin_bits,
    parse_lasting,
    parse_old_processes,
    parse_server,
)
from mfplatform.balancer.server_address import ServerAddress
from mfplatform.balancer.socket_client import (
    HAProxyError,
    send_command,
    send_master_command,
)

# They fit into a buffer of HAProxy's (16 kB).
COMMANDS_AT_ONCE = 100


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
        admin_bits = parse_admin_bits(self._ask("show servers state"))
        services: dict[str, dict[str, Server]] = {}
        # 6: backends and servers.
        table = self._ask("show stat -1 6 -1").removeprefix("# ")
        for row in csv.DictReader(table.splitlines()):
            name, instance = row["pxname"], row["svname"]
            servers = services.setdefault(name, {})
            if instance != "BACKEND":
                servers[instance] = parse_server(
                    row, admin_bits.get((name, instance), 0)
                )
        own = {name: s for name, s in services.items() if not name.startswith("_")}
        # The master would keep the connection open without "quit".
        processes = send_master_command(self._master_path, "show proc;quit")
        old = parse_old_processes(processes)
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

    def enable(self, service: str, instance: str, is_new: bool = True) -> None:
        """Let a server serve; a new one has registered as ready, so it is healthy."""
        server = f"{service}/{instance}"
        if is_new:
            self._order(f"enable health {server}")
            self._order(f"set server {server} health up")
        self._order(f"set server {server} state ready")

    def drain(self, service: str, instance: str) -> None:
        """Send a server no new clients; what it has goes on."""
        self._order(f"set server {service}/{instance} state drain")

    def mark_down(self, service: str, instance: str) -> None:
        """Count a server as dead until it answers; what it does is cut off."""
        self._order(f"set server {service}/{instance} health down")

    def remove(self, service: str, instance: str, force: bool) -> bool:
        """Remove a server; False while it has connections, which ``force`` cuts."""
        server = f"{service}/{instance}"
        self._order(f"set server {server} state maint")
        if force:
            self._order(f"shutdown sessions server {server}")
        return self._ask(f"del server {server}") == "Server deleted."

    def end_lasting(self, process: str) -> None:
        """End what has no end by itself in a process that was replaced."""
        ask = partial(send_master_command, self._master_path)
        found = parse_lasting(ask(f"@!{process} show sess all;quit"))
        # Nothing else is done meanwhile, and one by one they take far longer.
        for begin in range(0, len(found), COMMANDS_AT_ONCE):
            some = found[begin : begin + COMMANDS_AT_ONCE]
            orders = [f"@!{process} shutdown session {number}" for number in some]
            ask(";".join([*orders, "quit"]))

    def _ask(self, command: str) -> str:
        return send_command(self._path, command)

    def _order(self, command: str) -> None:
        """Send a command that HAProxy answers only to refuse it."""
        if answer := self._ask(command):
            raise HAProxyError(f"{command}: {answer}")
