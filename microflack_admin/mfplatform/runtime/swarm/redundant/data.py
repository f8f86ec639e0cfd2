"""What the nodes of the database and the members of the queue are started with."""

from mfplatform.clusters import galera, queue
from mfplatform.clusters.galera import Copier, Ports
from mfplatform.clusters.queue import Operator
from mfplatform.runtime.swarm.redundant import ways
from mfplatform.state import database, queue_access
from mfplatform.state.home import ROOT, Home
from mfplatform.state.redundancy import MemberHost

# Where registry and queue have their files: a folder that no package has made its own.
KEPT = "/data"
NODE_SECRETS = ("CONFIGURATION", "STATEMENTS", "MYSQL_ROOT_PASSWORD", "REGISTRY")
QUEUE_SECRETS = ("CONFIGURATION", "USERS")
COPIER = "copier"
# A cluster has a binary log in its own way, and says how rows get there.
ALONE = ("skip-log-bin", "skip-name-resolve")
FILES = {
    "datadir": "/var/lib/mysql",
    "socket": "/tmp/mysql.sock",
    "pid-file": "/tmp/mysql.pid",
    "tmpdir": "/tmp",
}
# Of each node in the registry: what it has, and which of them is to begin.
POSITIONS, BEGINNER = "/galera/positions", "/galera/begin"


def node_environment(home: Home, host: MemberHost) -> dict[str, str]:
    """Return the environment of a node of the database."""
    members = ways.members(home)
    ports = Ports(
        clients=int(home.settings["MYSQL_PORT"]),
        group=int(home.settings["GALERA_PORT"]),
        increments=int(home.settings["GALERA_NEWS_PORT"]),
        copy=int(home.settings["GALERA_COPY_PORT"]),
    )
    root = home.secrets["MYSQL_ROOT_PASSWORD"]
    copier = Copier(COPIER, root)
    own = members[host.number - 1]
    text = galera.configuration(own, members, ports, copier, FILES | _options())
    others = (one.at(ports.group) for one in members if one != own)
    return {
        "CONFIGURATION": text,
        "STATEMENTS": galera.start_statements(copier),
        "MYSQL_ROOT_PASSWORD": root,
        "REGISTRY": f"{home.etcd}/v2/keys",
        "NODE": f"mariadb-{host.number}",
        "OTHERS": " ".join(others),
    }


def _options() -> dict[str, str]:
    told = (one for one in database.OPTIONS if one not in ALONE)
    return {name: value for name, _, value in (one.partition("=") for one in told)}


def redis_environment(home: Home, host: MemberHost) -> dict[str, str]:
    """Return the environment of a member of the queue."""
    members = ways.members(home)
    text = queue.redis(
        members[host.number - 1],
        members[0],
        int(home.settings["REDIS_PORT"]),
        _operator(home),
        {"dir": KEPT, "aclfile": f"{KEPT}/users.acl"},
    )
    return {"CONFIGURATION": text, "USERS": "\n".join(queue_access.first_users(home))}


def sentinel_environment(home: Home, host: MemberHost) -> dict[str, str]:
    """Return the environment of who watches the queue."""
    members = ways.members(home)
    text = queue.sentinel(
        members[host.number - 1],
        members[0],
        int(home.settings["SENTINEL_PORT"]),
        int(home.settings["REDIS_PORT"]),
        _operator(home),
        {"dir": KEPT},
        home.secrets["REDIS_PASSWORD"],
    )
    return {"CONFIGURATION": text, "USERS": ""}


def _operator(home: Home) -> Operator:
    return Operator(ROOT, home.secrets["REDIS_PASSWORD"])
