"""The door of a host: an HAProxy by which all there reach the clusters.

What serves on a host knows one address each for the database, the queue and the
registry. Behind it is the node that is written to, the master, or any member; nobody
has to know of nodes or sentinels. Reference: the HAProxy documentation, version 2.6,
"Configuration Manual": ``tcp-check``, ``stick-table``, ``peers``.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from mfplatform.clusters.checks import database_check, queue_check
from mfplatform.clusters.members import Member
from mfplatform.clusters.queue import Operator

CONFIGURATION = """\
global
    stats socket unix@{socket} mode 600 level admin
    localpeer {own}
    nbthread 1
    maxconn 6000

defaults
    mode tcp
    option tcpka
    option redispatch 1
    retries 3
    timeout connect 2s
    # Clients keep connections, and wait in them for news.
    timeout client 2h
    timeout server 2h
    # A busy host is not a lost one.
    timeout check 2s
    # Who is gone holds nobody up: the others are asked as soon as it is known.
    default-server inter 500ms fastinter 250ms downinter 500ms rise 2 fall 2 \
on-marked-down shutdown-sessions

# Doors tell each other whom they have chosen.
peers doors
{peers}

{databases}
{queues}
{registries}"""

# All use the same one for as long as it is there; who comes back waits for its turn.
# There is one key; to store another server for it takes room for others.
STICKS = """\
    stick-table type integer size 1k peers doors
    stick on int(1)
"""


@dataclass(frozen=True)
class Way:
    """Where one cluster is reached at this host, and at which port at its members.

    :param listen: HOST:PORT, or several with commas between them.
    """

    listen: str
    port: int


def configuration(
    own: Member,
    members: Sequence[Member],
    peer_port: int,
    database: Way,
    queue: Way,
    registry: Way,
    operator: Operator,
    socket: Path | str,
    others: Sequence[Member] = (),
) -> str:
    """Return the configuration of the door on the host of ``own``, one of them all.

    :param members: of all clusters, in the same order at each door.
    :param peer_port: doors talk to each other at it.
    :param operator: may ask Redis who is master.
    :param socket: for who wants to look (HAProxy's "stats socket").
    :param others: hosts that have a door, and no servers.
    """
    peers = [f"    peer {one.name} {one.at(peer_port)}" for one in (*members, *others)]
    return CONFIGURATION.format(
        socket=socket,
        own=own.name,
        peers="\n".join(peers),
        databases=_section("database", database, members, STICKS + database_check()),
        queues=_section("queue", queue, members, STICKS + queue_check(operator)),
        registries=_section(
            "registry",
            registry,
            members,
            # It answers 503 while it has no leader. It asks the others for that, which
            # takes time where disks are busy.
            "    balance leastconn\n    option httpchk GET /health\n"
            "    default-server fall 3\n",
        ),
    )


def _section(name: str, way: Way, members: Sequence[Member], rules: str) -> str:
    lines = [f"listen {name}", f"    bind {way.listen}"]
    lines += rules.splitlines()
    for number, member in enumerate(members, 1):
        # One at a time, where one is stuck to: the first that can, at all doors.
        backup = " backup" if STICKS in rules and number > 1 else ""
        address = member.at(way.port)
        lines.append(f"    server {member.name} {address} id {number} check{backup}")
    return "\n".join(lines) + "\n"
