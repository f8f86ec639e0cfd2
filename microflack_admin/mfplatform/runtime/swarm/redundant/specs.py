"""The parts of a redundant platform: what there is on which host, and in which order.

A part is named by what it is and by the number of its host, such as ``etcd-2``.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from mfplatform.runtime.swarm import hosts
from mfplatform.runtime.swarm.redundant import notes, probes
from mfplatform.state import redundancy
from mfplatform.state.home import Home
from mfplatform.state.parts import PartSpec
from mfplatform.state.redundancy import MemberHost

# The doors of hosts that have nothing else of the platform.
OTHER_DOORS = "door"


@dataclass(frozen=True)
class Kind:
    """What the members of one kind have in common.

    :param needs: kinds of which all members have to work first.
    :param of_balancers: whether it is only where a load balancer is.
    :param note: says what one of them is among the others.
    """

    probe: probes.Probe
    port: str = ""
    more_ports: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    of_balancers: bool = False
    stop_timeout_seconds: int = 10
    note: notes.Note = notes.nothing


KINDS: Mapping[str, Kind] = {
    "etcd": Kind(probes.etcd, "ETCD_PEER_PORT", note=notes.etcd),
    "registry": Kind(probes.gate, "ETCD_PORT", needs=("etcd",)),
    "door": Kind(probes.door, more_ports=("DOOR_PORT",), needs=("registry",)),
    "mariadb": Kind(
        probes.mariadb,
        "MYSQL_PORT",
        ("GALERA_PORT", "GALERA_NEWS_PORT", "GALERA_COPY_PORT"),
        needs=("door",),
        stop_timeout_seconds=30,
        note=probes.galera_state,
    ),
    "redis": Kind(probes.redis, "REDIS_PORT", needs=("door",), note=notes.redis),
    "sentinel": Kind(probes.sentinel, "SENTINEL_PORT", needs=("redis",)),
    "haproxy": Kind(
        probes.balancer,
        "SERVICES_PORT",
        ("OPERATOR_PORT",),
        needs=("door",),
        of_balancers=True,
    ),
    "renderer": Kind(probes.renderer, needs=("haproxy",), of_balancers=True),
    "address": Kind(
        probes.nothing, needs=("haproxy",), of_balancers=True, note=notes.address
    ),
}


def specs(settings: Mapping[str, str]) -> list[PartSpec]:
    """Return all members of a platform with these settings, and the other doors."""
    found = [
        _spec(name, host, settings)
        for name, kind in KINDS.items()
        for host in redundancy.hosts(settings)
        if host.has_balancer or not kind.of_balancers
    ]
    others = PartSpec(
        OTHER_DOORS, "", lambda _home: True, is_wanted=lambda _home: _are_more()
    )
    return [*found, others]


def _are_more() -> bool:
    return len(hosts.nodes()) > redundancy.MEMBERS


def _spec(name: str, host: MemberHost, settings: Mapping[str, str]) -> PartSpec:
    kind = KINDS[name]
    has_address = bool(settings.get(redundancy.ADDRESS))
    return PartSpec(
        f"{name}-{host.number}",
        kind.port,
        probes.or_away(kind.probe, host),
        needs=tuple(
            f"{one}-{other.number}"
            for one in kind.needs
            for other in redundancy.hosts(settings)
            if other.has_balancer or not KINDS[one].of_balancers
        ),
        more_ports=kind.more_ports,
        stop_timeout_seconds=kind.stop_timeout_seconds,
        is_wanted=lambda _home: name != "address" or has_address,
        note=lambda home: kind.note(home, host),
    )


def host_of(home: Home, name: str) -> MemberHost | None:
    """Return the host of a part, None if it is not on one of its own."""
    kind, _, number = name.rpartition("-")
    if kind not in KINDS or not number.isdigit():
        return None
    found = {one.number: one for one in redundancy.hosts(home.settings)}
    return found.get(int(number))


def is_last(home: Home, name: str) -> bool:
    """Tell whether a part is the last one of its kind."""
    kind, _, number = name.rpartition("-")
    found = [
        one.number
        for one in redundancy.hosts(home.settings)
        if kind in KINDS and (one.has_balancer or not KINDS[kind].of_balancers)
    ]
    return bool(found) and number == str(max(found))
