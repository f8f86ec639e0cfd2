"""See whether what runs on one host also works there."""

import socket
from collections.abc import Callable
from typing import Any

from mfplatform.clusters.queue import MASTER
from mfplatform.runtime.docker.engine import EngineError
from mfplatform.runtime.swarm import api, hosts
from mfplatform.state import accounts, probes, queue_access, redundancy
from mfplatform.state.home import Home, PlatformError
from mfplatform.state.redundancy import MemberHost

Probe = Callable[[Home, MemberHost], bool]
ANSWER_TIMEOUT_SECONDS = 5
SYNCED = "Synced"


def or_away(probe: Probe, host: MemberHost) -> Callable[[Home], bool]:
    """Return a probe that also passes while its host is down: others do its work."""

    def works(home: Home) -> bool:
        return probe(home, host) or is_away(host)

    return works


def is_away(host: MemberHost) -> bool:
    """Tell whether the swarm has given a host up."""
    try:
        known = {one["ID"]: one for one in api.listed("nodes")}
    except EngineError:
        return False
    return host.node not in known or hosts.is_down(known[host.node])


def etcd(home: Home, host: MemberHost) -> bool:
    """Tell whether a member of the registry runs; its gate says whether it works."""
    address = f"{host.address}:{home.settings['ETCD_PEER_PORT']}"
    return probes.http_status(address, "/version") == 200


def gate(home: Home, host: MemberHost) -> bool:
    """Tell whether the registry works at a host's gate."""
    own = accounts.root(home)
    address = f"{host.address}:{home.settings['ETCD_PORT']}"
    words = f"{own.name}:{own.password}"
    return probes.http_status(address, "/v2/keys/", words) == 200


def door(home: Home, host: MemberHost) -> bool:
    """Tell whether a door leads to the registry: the one here, others run alike."""
    return host.number > 1 or probes.registry_answers(home)


def galera_state(home: Home, host: MemberHost) -> str:
    """Return how a node of the database is, "" while it has no answer."""
    # Only here: what prepares a first start imports this module without it.
    import pymysql

    try:
        with (
            pymysql.connect(**_way_in(home, host)) as connected,
            connected.cursor() as cursor,
        ):
            cursor.execute("SHOW STATUS LIKE 'wsrep_local_state_comment'")
            row = cursor.fetchone()
            return str(row[1]) if row else ""
    except (pymysql.MySQLError, OSError):
        return ""


def _way_in(home: Home, host: MemberHost) -> dict[str, Any]:
    return {
        "host": host.address,
        "port": int(home.settings["MYSQL_PORT"]),
        "user": "root",
        "password": home.secrets["MYSQL_ROOT_PASSWORD"],
        "connect_timeout": ANSWER_TIMEOUT_SECONDS,
        "read_timeout": ANSWER_TIMEOUT_SECONDS,
    }


def mariadb(home: Home, host: MemberHost) -> bool:
    """Tell whether a node has all data, and takes part."""
    return galera_state(home, host) == SYNCED


def redis(home: Home, host: MemberHost) -> bool:
    """Tell whether a host's queue works, be it master or not."""
    return queue_access.answers(home, host.address)


def sentinel(home: Home, host: MemberHost) -> bool:
    """Tell whether a sentinel works."""
    return bool(sentinel_says(home, host))


def sentinel_says(home: Home, host: MemberHost) -> str:
    """Return the address of the master as a sentinel knows it, "" if it does not."""
    address = (host.address, int(home.settings["SENTINEL_PORT"]))
    words = [f"AUTH {home.secrets['REDIS_PASSWORD']}"]
    words += [f"SENTINEL get-master-addr-by-name {MASTER}"]
    try:
        with (
            socket.create_connection(address, ANSWER_TIMEOUT_SECONDS) as connection,
            connection.makefile("r", newline="\r\n") as told,
        ):
            connection.sendall("".join(f"{one}\r\n" for one in words).encode())
            # Whether it lets in, that two words come, and how long the first one is.
            if not [told.readline() for _ in range(2)][1].startswith("*2"):
                return ""
            return [told.readline().strip() for _ in range(2)][1]
    except OSError:
        return ""


def balancer(home: Home, host: MemberHost) -> bool:
    """Tell whether a load balancer works."""
    address = f"{host.address}:{home.settings['SERVICES_PORT']}"
    return probes.http_status(address, "/healthz") is not None


def renderer(home: Home, host: MemberHost) -> bool:
    """Tell whether a host's load balancer tells what it routes."""
    # Only here: what prepares a first start imports this module without the wheel.
    from mfplatform.state import lb_state
    from microflack_common.registry import Registry, RegistryError

    key = lb_state.key(redundancy.balancer_name(host))
    try:
        return Registry(home.etcd).get(key) is not None
    except (RegistryError, PlatformError):
        return False


def nothing(_home: Home, _host: MemberHost) -> bool:
    """Pass: whether it runs is all that there is to see."""
    return True
