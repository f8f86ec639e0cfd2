"""MariaDB with Galera: each node has all data, and one of them is written to.

A commit is answered when most of the nodes have it, so the loss of one loses nothing.
Two nodes that lost the third without a word go on; one of two does not. References:
the MariaDB documentation, "Galera Cluster System Variables"; the documentation of
Galera Cluster, "Galera Parameters".
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from mfplatform.clusters.members import Member, addresses

# Debian's package galera-4.
PROVIDER = "/usr/lib/galera/libgalera_smm.so"
# Who is silent so long is suspected, and is out when all others suspect it, too; who is
# silent for longer is out whatever others say.
SUSPECT, OUT = "PT3S", "PT8S"
LOOK = "PT0.5S"
# What a node that was away can be given without a copy of everything.
RECENT_WRITES = "128M"
# It may look at the state of the server, and at no data: see doors.py.
DOOR_USER = "door"
MOST_DOORS = 20

# What ``mariadbd --wsrep-recover`` finds in the data, and writes into its log.
RECOVERED = re.compile(r"WSREP: Recovered position:? ([0-9a-f-]{36}:\d+)")

CONFIGURATION = """\
[mariadbd]
{options}

[sst]
# What goes wrong when data is copied to a node is told in the log of the server.
sst-syslog = 0
"""

# Run at every start, one statement a line. Members tell each other of them.
START = """\
CREATE USER IF NOT EXISTS '{copier}'@'localhost' IDENTIFIED BY '{password}';
ALTER USER '{copier}'@'localhost' IDENTIFIED BY '{password}';
GRANT RELOAD, PROCESS, LOCK TABLES, BINLOG MONITOR ON *.* TO '{copier}'@'localhost';
CREATE USER IF NOT EXISTS '{door}'@'%' WITH MAX_USER_CONNECTIONS {most};
"""


@dataclass(frozen=True)
class Ports:
    """The ports of a node: for clients, for other nodes, and for copies of the data.

    :param group: nodes talk at it, in TCP.
    :param increments: a node that was away listens there for what it has missed.
    :param copy: one that needs a copy of everything listens there for it.
    """

    clients: int = 3306
    group: int = 4567
    increments: int = 4568
    copy: int = 4444


@dataclass(frozen=True)
class Copier:
    """The account by which a node copies all of its data to another one.

    :param password: letters and digits.
    """

    name: str
    password: str


def configuration(
    own: Member,
    members: Sequence[Member],
    ports: Ports,
    copier: Copier,
    files: Mapping[str, Path | str],
    provider: str = PROVIDER,
) -> str:
    """Return the configuration of a node, which is the whole of its file of options.

    The very first start of the first one needs ``--wsrep-new-cluster``, and no other.

    :param files: what the server is told of its own, by the names of its options:
        ``datadir``, ``socket``, ``pid-file``, ``tmpdir``, ``init-file`` and such.
    """
    options = dict(files) | {
        "bind-address": own.address,
        "port": ports.clients,
        # A name that cannot be looked up would delay every connection.
        "skip-name-resolve": "ON",
        # The others are told of rows. Numbers of new rows are given without a lock.
        "binlog-format": "ROW",
        "default-storage-engine": "InnoDB",
        "innodb-autoinc-lock-mode": 2,
        # Services make triggers, and must not be let do everything for that.
        "log-bin-trust-function-creators": "ON",
        "wsrep-on": "ON",
        "wsrep-provider": provider,
        "wsrep-provider-options": _provider_options(own, ports),
        "wsrep-cluster-name": "microflack",
        "wsrep-cluster-address": f"gcomm://{addresses(members, ports.group)}",
        "wsrep-node-name": own.name,
        "wsrep-node-address": own.at(ports.group),
        "wsrep-node-incoming-address": own.at(ports.clients),
        # One is written to: numbers without gaps keep the index of the search small.
        "wsrep-auto-increment-control": "OFF",
        # Who comes from another node sees all that was committed there.
        "wsrep-sync-wait": 1,
        "wsrep-sst-method": "mariabackup",
        "wsrep-sst-auth": f"{copier.name}:{copier.password}",
        "wsrep-sst-receive-address": own.at(ports.copy),
    }
    lines = [f"{name} = {value}" for name, value in options.items()]
    return CONFIGURATION.format(options="\n".join(lines))


def start_statements(copier: Copier) -> str:
    """Return the statements for ``init-file`` that make the accounts of a cluster."""
    return START.format(
        copier=copier.name,
        password=copier.password,
        door=DOOR_USER,
        most=MOST_DOORS,
    )


def start_arguments(recovery_log: str, is_first: bool) -> list[str]:
    """Return what a node is started with besides its configuration.

    Who knows where its data ends is given what it has missed; who does not, a copy of
    everything.

    :param recovery_log: what ``mariadbd --wsrep-recover`` has written, with the same
        configuration; "" for a node that has no data yet.
    :param is_first: whether it makes the cluster, since there is no other node.
    """
    arguments = ["--wsrep-new-cluster"] if is_first else []
    if found := RECOVERED.search(recovery_log):
        arguments.append(f"--wsrep-start-position={found[1]}")
    return arguments


def _provider_options(own: Member, ports: Ports) -> str:
    options = {
        "gmcast.listen_addr": f"tcp://{own.at(ports.group)}",
        "ist.recv_addr": own.at(ports.increments),
        "gcache.size": RECENT_WRITES,
        "gcache.recover": "yes",
        "evs.keepalive_period": LOOK,
        "evs.inactive_check_period": LOOK,
        "evs.suspect_timeout": SUSPECT,
        "evs.inactive_timeout": OUT,
    }
    return '"' + ";".join(f"{name}={value}" for name, value in options.items()) + '"'
