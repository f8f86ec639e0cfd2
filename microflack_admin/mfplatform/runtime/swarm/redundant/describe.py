"""What each member of a redundant platform is made of."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from mfplatform.clusters import registry
from mfplatform.runtime.swarm.redundant import data, ways
from mfplatform.runtime.swarm.redundant.specs import OTHER_DOORS, host_of
from mfplatform.state import accounts, gate_config, parts, redundancy, registry_gate
from mfplatform.state.home import Home, PlatformError
from mfplatform.state.redundancy import MemberHost

SOCKETS = "/run/registry"
GATE_FILE = "/run/gate.cfg"
HAPROXY_FOLDER = "/run/haproxy"


@dataclass(frozen=True)
class Details:
    """What differs from one kind of member to another.

    :param secret: variables of it that only its program gets to see.
    :param volumes: where it finds what it keeps, by the names of the kinds of data.
    """

    image: str
    command: list[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    secret: tuple[str, ...] = ()
    files: Mapping[str, str] = field(default_factory=dict)
    volumes: Mapping[str, str] = field(default_factory=dict)
    capabilities: tuple[str, ...] = ()
    folder: str = ""
    stop_seconds: int = 10


def of(home: Home, name: str) -> tuple[Details, MemberHost | None]:
    """Return what a part is made of, and its host if it has one of its own.

    :raises PlatformError: there is no such part.
    """
    host = host_of(home, name)
    if host is not None:
        return _KINDS[name.rpartition("-")[0]](home, host), host
    if name == OTHER_DOORS:
        return _door(home, None), None
    raise PlatformError(f"a redundant platform has no part {name}")


def _etcd(home: Home, host: MemberHost) -> Details:
    members = ways.members(home)
    ports = registry.Ports(members=int(home.settings["ETCD_PEER_PORT"]))
    own = members[host.number - 1]
    environment = registry.environment(
        own, members, ports, home.id, f"{data.KEPT}/etcd"
    )
    # Nobody reaches it but through the gate of its host.
    for name in ("LISTEN", "ADVERTISE"):
        environment[f"ETCD_{name}_CLIENT_URLS"] = gate_config.ETCD_URL
    return Details(
        "etcd",
        ["sh", "-c", f"rm -f ./{gate_config.ETCD_SOCKET}; exec etcd"],
        environment,
        volumes={"etcd": data.KEPT, "registry": SOCKETS},
        folder=SOCKETS,
    )


def _gate(home: Home, host: MemberHost) -> Details:
    line = registry_gate.user_line(accounts.root(home))
    return Details(
        "loadbalancer",
        ["python3", "-P", "-m", "mfplatform.gate.keeper", GATE_FILE],
        {"ROOT_LINE": line},
        secret=("ROOT_LINE",),
        files={GATE_FILE: gate_config.text(home, host.address)},
        volumes={"registry": SOCKETS},
        folder=SOCKETS,
    )


def _door(home: Home, host: MemberHost | None) -> Details:
    own = ways.members(home)[host.number - 1] if host else None
    return Details(
        "loadbalancer",
        ["haproxy", "-db", "-f", ways.FILE],
        {ways.PASSWORD: home.secrets["REDIS_PASSWORD"]},
        secret=(ways.PASSWORD,),
        files={ways.FILE: ways.configuration(home, own)},
    )


def _mariadb(home: Home, host: MemberHost) -> Details:
    return Details(
        "mariadb",
        ["start-node"],
        data.node_environment(home, host),
        secret=data.NODE_SECRETS,
        volumes={"mariadb": "/var/lib/mysql"},
        # Started as root it becomes a user of its own.
        capabilities=("CHOWN", "DAC_OVERRIDE", "SETGID", "SETUID"),
        stop_seconds=30,
    )


def _redis(home: Home, host: MemberHost) -> Details:
    return Details(
        "redis",
        ["start-member", "redis.conf"],
        data.redis_environment(home, host),
        secret=data.QUEUE_SECRETS,
        volumes={"redis": data.KEPT},
    )


def _sentinel(home: Home, host: MemberHost) -> Details:
    return Details(
        "redis",
        ["start-member", "sentinel.conf", "--sentinel"],
        data.sentinel_environment(home, host),
        secret=data.QUEUE_SECRETS,
        volumes={"sentinel": data.KEPT},
    )


def _balancer_settings(home: Home, host: MemberHost) -> dict[str, str]:
    (spec,) = parts.chosen(["haproxy"])
    return spec.settings(home) | {
        "HOST_IP_ADDRESS": host.address,
        "MF_LB_NAME": redundancy.balancer_name(host),
        "HAPROXY_CFG": f"{HAPROXY_FOLDER}/haproxy.cfg",
        "HAPROXY_SOCKET": f"{HAPROXY_FOLDER}/haproxy.sock",
        "HAPROXY_MASTER_SOCKET": f"{HAPROXY_FOLDER}/haproxy-master.sock",
    }


def _balancer(home: Home, host: MemberHost) -> Details:
    return Details(
        "loadbalancer",
        # What it last served is known without its configuration, whose settings may
        # be others now.
        ["sh", "-c", 'rm -f "$HAPROXY_CFG"; exec start'],
        _balancer_settings(home, host),
        secret=("ETCD", "STATS_PASSWORD"),
        volumes={"haproxy": HAPROXY_FOLDER},
        capabilities=("NET_BIND_SERVICE",),
    )


def _renderer(home: Home, host: MemberHost) -> Details:
    return Details(
        "loadbalancer",
        ["python3", "-P", "-m", "mfplatform.balancer.loop"],
        _balancer_settings(home, host),
        secret=("ETCD", "STATS_PASSWORD"),
        volumes={"haproxy": HAPROXY_FOLDER},
    )


def _address(home: Home, host: MemberHost) -> Details:
    return Details(
        "address",
        ["start"],
        ways.address_environment(home, host),
        capabilities=("NET_ADMIN", "NET_RAW", "NET_BROADCAST"),
    )


_KINDS: Mapping[str, Callable[[Home, MemberHost], Details]] = {
    "etcd": _etcd,
    "registry": _gate,
    "door": _door,
    "mariadb": _mariadb,
    "redis": _redis,
    "sentinel": _sentinel,
    "haproxy": _balancer,
    "renderer": _renderer,
    "address": _address,
}
IMAGES = frozenset({"etcd", "loadbalancer", "mariadb", "redis", "address"})
