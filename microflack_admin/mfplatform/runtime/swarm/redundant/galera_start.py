"""Have the database begin where all of its nodes were stopped: with the right one.

Each node that finds no other tells in the registry what it has, and waits. Only when
all have told is one of them asked to begin, and it takes that word away when it does:
so two never begin, each with data of its own.
"""

import sys
import time
from collections.abc import Callable, Mapping

from mfplatform.runtime.swarm.redundant import probes
from mfplatform.runtime.swarm.redundant.data import BEGINNER, POSITIONS
from mfplatform.state import redundancy
from mfplatform.state.home import Home, PlatformError
from mfplatform.state.patience import Deadline
from mfplatform.state.redundancy import MemberHost

# A node that has to copy all data from another one takes a while.
TOGETHER_SECONDS = 600
POLL_SECONDS = 0.5
WORD_SECONDS = 60
NO_DATA = -1


def number_of(position: str) -> int:
    """Return how many writes a node knows, from UUID:NUMBER; -1 if it has no data."""
    number = position.rpartition(":")[2]
    return int(number) if number.lstrip("-").isdigit() else NO_DATA


def most_advanced(positions: Mapping[str, str]) -> str:
    """Return the node that knows most; of several the first.

    :param positions: UUID:NUMBER of each, by name.
    :raises PlatformError: they are no nodes of one database.
    """
    known = {p.rpartition(":")[0] for p in positions.values() if number_of(p) >= 0}
    if len(known) > 1:
        raise PlatformError(
            "the nodes of the database have data of different clusters: "
            f"{', '.join(f'{n} {p}' for n, p in sorted(positions.items()))}. Remove "
            "the volume of the wrong ones on their hosts (docker volume rm), and try "
            "again"
        )
    return max(sorted(positions), key=lambda name: number_of(positions[name]))


def begin(home: Home, say: Callable[[str], None] | None = None) -> None:
    """Wait until all nodes take part; have one begin if none does.

    :raises PlatformError: they do not come together.
    """
    nodes = {f"mariadb-{one.number}": one for one in redundancy.hosts(home.settings)}
    deadline, asked = Deadline(TOGETHER_SECONDS), False
    while waiting := _missing(home, nodes):
        if not asked and len(waiting) == len(nodes):
            asked = _ask_one(home, nodes, say or _say)
        if deadline.is_over():
            raise PlatformError(_why_not(home, waiting))
        time.sleep(POLL_SECONDS)


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _missing(home: Home, nodes: Mapping[str, MemberHost]) -> list[str]:
    return [
        name
        for name, host in nodes.items()
        if not probes.or_away(probes.mariadb, host)(home)
    ]


def _positions(home: Home) -> dict[str, str]:
    # Only here: what prepares a first start imports this module without the wheel.
    from microflack_common.registry import Registry, RegistryError

    try:
        told = Registry(home.etcd).tree(POSITIONS).values
    except RegistryError:
        return {}
    return {key.rpartition("/")[2]: value for key, value in told.items()}


def _ask_one(
    home: Home, nodes: Mapping[str, MemberHost], say: Callable[[str], None]
) -> bool:
    """Ask the right one to begin once all have told what they have."""
    from microflack_common.registry import Registry

    positions = _positions(home)
    if set(positions) != set(nodes):
        return False
    chosen = most_advanced(positions)
    if number_of(positions[chosen]) >= 0:
        say(f"The database begins with {chosen}, which knows all that was written")
    Registry(home.etcd).put(BEGINNER, chosen, ttl=WORD_SECONDS)
    return True


def _why_not(home: Home, waiting: list[str]) -> str:
    told = _positions(home)
    if silent := [name for name in waiting if name not in told]:
        return (
            f"{', '.join(silent)} does not take part in the database. If all nodes "
            "were stopped, all have to be there before one begins, since any may know "
            "most: start the hosts, and call mfup again"
        )
    return f"{', '.join(waiting)} waits for the other nodes of the database: mflogs"
