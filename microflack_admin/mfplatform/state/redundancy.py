"""A platform of which nothing is there only once: whether it is, and on which hosts.

Three hosts have a member of each cluster (registry, database, queue), and two of them a
load balancer. On every host a door leads to those, at an address that all hosts have.
Needs nothing but Python itself, since it runs before the tools are installed.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from mfplatform.state.asked_settings import asked_for
from mfplatform.state.home import REDUNDANT, PlatformError

SETTING = REDUNDANT
HOSTS = "MF_REDUNDANT_HOSTS"
ADDRESS = "MF_ADDRESS"
MEMBERS, BALANCERS = 3, 2
WAY_OUT = (
    "Make a backup (mfbackup), and put it into a platform that is as you want it: "
    "another MF_HOME and MF_PORT, mfup, mfrestore"
)


@dataclass(frozen=True)
class MemberHost:
    """A host with members of the clusters.

    :param number: 1 is the manager on which commands are called.
    :param node: its id in the swarm.
    """

    number: int
    node: str
    address: str

    @property
    def has_balancer(self) -> bool:
        """Tell whether one of the load balancers is there."""
        return self.number <= BALANCERS


def is_on(settings: Mapping[str, str]) -> bool:
    """Tell whether a platform with these settings is redundant."""
    return settings.get(SETTING) == "yes"


def hosts(settings: Mapping[str, str]) -> list[MemberHost]:
    """Return the hosts of its members, as the first start has chosen them."""
    pairs = (one.split("@") for one in settings.get(HOSTS, "").split())
    return [MemberHost(n, node, where) for n, (node, where) in enumerate(pairs, 1)]


def record(chosen: Mapping[str, str]) -> dict[str, str]:
    """Return the setting that names hosts.

    :param chosen: their addresses, by their ids.
    """
    return {HOSTS: " ".join(f"{node}@{where}" for node, where in chosen.items())}


def balancer_name(host: MemberHost) -> str:
    """Return the name by which a host's load balancer tells what it routes."""
    return f"balancer-{host.number}"


def url(wanted: Mapping[str, str]) -> str:
    """Return where people find the chat: "" where that is nothing special."""
    address = wanted.get(ADDRESS, "")
    if not is_on(wanted) or not address:
        return ""
    port = wanted["MF_PORT"]
    return f"http://{address}" if port == "80" else f"http://{address}:{port}"


def wanted(recorded: Mapping[str, str], environ: Mapping[str, str]) -> bool:
    """Tell whether it is to be redundant, which the first start settles.

    :raises ValueError: what was asked for is neither yes nor no.
    :raises PlatformError: it is otherwise already.
    """
    asked = asked_for(SETTING, environ)
    if asked not in ("", "yes", "no"):
        raise ValueError(f"{SETTING} takes yes or no, not '{asked}'")
    if recorded and asked and (asked == "yes") != is_on(recorded):
        now = "redundant" if is_on(recorded) else "not redundant"
        raise PlatformError(
            f"this platform is {now}, and that cannot be changed. {WAY_OUT}"
        )
    return is_on(recorded) if recorded else asked == "yes"


def check_runtime(environ: Mapping[str, str], runtime: str, known: bool) -> None:
    """Refuse what only a swarm can have.

    :param known: whether the runtime can do it.
    :raises PlatformError: it cannot.
    """
    asked = asked_for(SETTING, environ) == "yes" or asked_for(ADDRESS, environ)
    if asked and not known:
        raise PlatformError(
            f"with the runtime '{runtime}' all is on one machine. For several, where "
            "nothing is only once: mfup --swarm --redundant"
        )
