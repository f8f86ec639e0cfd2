"""What HAProxy tells of itself and its servers, read from its tables.

Reference: "HAProxy Management Guide", version 2.6, sections 9.1 and 9.3.
"""

import csv
import re
from dataclasses import dataclass, field
from typing import Literal

from mfplatform.balancer.server_address import ServerAddress

# Bits of a server's administrative state.
FORCED_MAINT = 0x01
FORCED_DRAIN = 0x08

AdminState = Literal["ready", "drain", "maint"]
# A health check that took longer was answered by a slow instance.
SLOW_CHECK_MS = 1000


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
    # Whether its last health check took long, or was not answered at all in time.
    is_slow: bool = False
    is_silent: bool = False

    @property
    def is_relieved(self) -> bool:
        """Say whether it gets no new clients, but goes on with those that it has."""
        return self.admin_state == "drain"

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

    ``services`` has the servers by service and instance. ``old_processes`` are those
    that were replaced and still have connections. They send requests to the servers
    that they know, which may have gone since.
    """

    services: dict[str, dict[str, Server]] = field(default_factory=dict)
    old_processes: tuple[str, ...] = ()


def parse_old_processes(table: str) -> tuple[str, ...]:
    """Return the replaced processes in the answer to "show proc"."""
    _, _, old = table.partition("# old workers\n")
    rows = (line.split() for line in old.splitlines())
    return tuple(row[0] for row in rows if row[1:2] == ["worker"])


def parse_lasting(table: str) -> list[str]:
    """Return the sessions without an end in the answer to "show sess all".

    These are WebSockets, which an answer with status 101 has begun: one that tells no
    length goes through a tunnel as well, but ends. What operators follow of the logs is
    a request, but an endless one.
    """
    _, *found = re.split(r"^(0x[0-9a-f]+): ", table, flags=re.MULTILINE)
    return [
        number
        for number, about in zip(found[::2], found[1::2], strict=True)
        if " status=101 " in about or " backend=_logs " in about
    ]


def parse_admin_bits(table: str) -> dict[tuple[str, str], int]:
    """Return each server's bits from the answer to "show servers state"."""
    # The first line is the version of the format.
    _, _, table = table.partition("\n")
    rows = csv.DictReader(table.removeprefix("# ").splitlines(), delimiter=" ")
    return {
        (row["be_name"], row["srv_name"]): int(row["srv_admin_state"]) for row in rows
    }


def parse_server(row: dict[str, str], admin_bits: int) -> Server:
    """Return a server from its row of the answer to "show stat"."""
    admin_state: AdminState = "ready"
    if admin_bits & FORCED_MAINT:
        admin_state = "maint"
    elif admin_bits & FORCED_DRAIN:
        admin_state = "drain"
    # "* L7TOUT": it has timed out, and the next check is under way.
    is_silent = row["check_status"].endswith("TOUT")
    return Server(
        endpoint=row["addr"],
        weight=int(row["uweight"]),
        maxconn=int(row["slim"] or 0),
        backup=row["bck"] == "1",
        admin_state=admin_state,
        healthy=not row["status"].startswith(("DOWN", "MAINT")),
        sessions=int(row["scur"]) + int(row["qcur"]),
        is_slow=is_silent or int(row["check_duration"] or 0) >= SLOW_CHECK_MS,
        is_silent=is_silent,
    )
