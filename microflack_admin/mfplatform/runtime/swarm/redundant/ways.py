"""The ways to what there is several times: a host's door, and people's address."""

from mfplatform.clusters import doors
from mfplatform.clusters.members import Member
from mfplatform.clusters.queue import Operator
from mfplatform.state import redundancy
from mfplatform.state.home import DOOR, ROOT, Home
from mfplatform.state.redundancy import MemberHost

FILE = "/run/door.cfg"
# What HAProxy puts into its configuration from its environment.
PASSWORD = "QUEUE_PASSWORD"
# The door of a host without members asks for itself, and nobody asks it.
STRANGER = Member("other", DOOR)
# The preferred load balancer has the address when both come at once.
FIRST_PRIORITY = 105

BALANCERS = """
listen balancers
    bind {door}:{port}
    option tcp-check
{servers}
"""


def members(home: Home) -> list[Member]:
    """Return who takes part in each cluster, in the order of hosts."""
    found = redundancy.hosts(home.settings)
    return [Member(f"host-{one.number}", one.address) for one in found]


def configuration(home: Home, own: Member | None) -> str:
    """Return the configuration of a door.

    :param own: its host among the members; None for one without members.
    """
    known = members(home)
    text = doors.configuration(
        own or STRANGER,
        known,
        int(home.settings["DOOR_PORT"]),
        database=_way(home, "MYSQL_PORT"),
        queue=_way(home, "REDIS_PORT"),
        registry=_way(home, "ETCD_PORT"),
        operator=Operator(ROOT, f"${{{PASSWORD}}}"),
        socket="/tmp/door.sock",
    )
    return text + _balancers(home)


def _way(home: Home, setting: str) -> doors.Way:
    port = int(home.settings[setting])
    return doors.Way(f"{DOOR}:{port}", port)


def _balancers(home: Home) -> str:
    port = home.settings["SERVICES_PORT"]
    servers = (
        f"    server balancer-{one.number} {one.address}:{port} check"
        for one in redundancy.hosts(home.settings)
        if one.has_balancer
    )
    return BALANCERS.format(door=DOOR, port=port, servers="\n".join(servers))


def address_environment(home: Home, host: MemberHost) -> dict[str, str]:
    """Return what keepalived has to know on a host."""
    wandering = home.settings[redundancy.ADDRESS]
    own = f"{host.address}:{home.settings['SERVICES_PORT']}"
    return {
        "ADDRESS": wandering,
        "HOST_ADDRESS": host.address,
        "BALANCER": own,
        "PRIORITY": str(FIRST_PRIORITY - host.number),
        # One of 255 in a network: the last byte of the address is nobody else's there.
        "ROUTER": wandering.rpartition(".")[2],
    }
