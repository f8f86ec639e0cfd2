"""The parts of the platform as containers, and how to see that each works."""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from mfplatform.runtime.docker import engine, images
from mfplatform.runtime.docker.container import Container, Mount, me
from mfplatform.state import probes
from mfplatform.state.home import Home, read_env

# Known to MySQL 8 and to MariaDB alike, so that either can be the database.
DATABASE = """\
--skip-name-resolve
--skip-log-bin
--character-set-server=utf8mb4
--collation-server=utf8mb4_unicode_ci
--default-time-zone=+00:00
--max-connections=500
--max-allowed-packet=16M
--performance-schema=OFF
--innodb-buffer-pool-size=96M
--innodb-flush-log-at-trx-commit=1
--loose-mysqlx=OFF
"""


@dataclass(frozen=True)
class Details:
    """What differs from one part's container to another's."""

    environment: dict[str, str]
    command: Sequence[str] = ()
    mounts: Sequence[Mount] = ()
    options: Sequence[str] = ()
    user: str = ""


@dataclass(frozen=True)
class Part:
    """A part of the platform.

    ``port`` names the setting with its port; ``details`` describes its container once
    what it needs is there; ``answers`` tells whether it works.
    """

    name: str
    port: str
    image: str
    details: Callable[[Home], Details]
    answers: Callable[[Home], bool]
    stop_seconds: int = 10

    def container(self, home: Home) -> Container:
        """Describe its container."""
        details = self.details(home)
        return Container(
            name=self.name,
            image=images.platform_image(home, self.image),
            environment=details.environment,
            environment_file=_environment_file(home, self.name),
            command=details.command,
            mounts=details.mounts,
            labels={"app": "microflack-platform", "part": self.name},
            options=details.options,
            user=details.user,
            stop_seconds=self.stop_seconds,
        )


def _environment_file(home: Home, name: str) -> Path:
    return home.path / "containers" / f"{name}.env"


def _folder(home: Home, name: str) -> Path:
    folder = home.path / name
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


def _user() -> str:
    """Return the user of a part whose image may be a published one."""
    # Those have a user of their own for when they are started as root.
    return me() if os.getuid() else ""


def _etcd(home: Home) -> Details:
    peer = f"http://{home.host}:{home.settings['ETCD_PEER_PORT']}"
    # By its environment, since published images differ in what they start.
    environment = {
        "ETCD_NAME": "default",
        "ETCD_ENABLE_V2": "true",
        "ETCD_DATA_DIR": "/var/lib/etcd",
        "ETCD_LISTEN_CLIENT_URLS": home.etcd,
        "ETCD_ADVERTISE_CLIENT_URLS": home.etcd,
        "ETCD_LISTEN_PEER_URLS": peer,
        "ETCD_INITIAL_ADVERTISE_PEER_URLS": peer,
        "ETCD_INITIAL_CLUSTER": f"default={peer}",
        # There is nobody else to vote: it need not wait long after a restart.
        "ETCD_HEARTBEAT_INTERVAL": "50",
        "ETCD_ELECTION_TIMEOUT": "250",
        "ETCD_LOGGER": "zap",
        "ETCD_LOG_LEVEL": "warn",
        "ETCD_LOG_OUTPUTS": "stderr",
    }
    mount = Mount(_folder(home, "etcd"), "/var/lib/etcd")
    return Details(environment, mounts=[mount], user=_user())


def _mariadb(home: Home) -> Details:
    # As the published images of MySQL and MariaDB have it.
    environment = {"MYSQL_ROOT_PASSWORD": home.secrets["MYSQL_ROOT_PASSWORD"]}
    where = [f"--bind-address={home.host}", f"--port={home.settings['MYSQL_PORT']}"]
    mount = Mount(_folder(home, "mariadb"), "/var/lib/mysql")
    command = [*where, *DATABASE.split()]
    return Details(environment, command, [mount], user=_user())


def _redis(home: Home) -> Details:
    command = ["redis-server", "--bind", home.host]
    command += ["--port", home.settings["REDIS_PORT"]]
    # It carries events from one process to another and stores nothing.
    return Details({}, [*command, "--save", "", "--appendonly", "no"], user=_user())


def _balancer(home: Home) -> Details:
    folder = _folder(home, "haproxy")
    environment = {
        "ETCD": home.etcd,
        "MF_PORT": home.settings["MF_PORT"],
        "MF_BIND": home.settings["MF_BIND"],
        "MF_LOGS": f"{home.host}:{home.settings['LOGS_PORT']}",
        "STATS_PASSWORD": home.secrets["STATS_PASSWORD"],
        "HAPROXY_CFG": "/run/haproxy/haproxy.cfg",
        "HAPROXY_SOCKET": "/run/haproxy/haproxy.sock",
        "HAPROXY_MASTER_SOCKET": "/run/haproxy/haproxy-master.sock",
    }
    mounts = [Mount(folder, "/run/haproxy")]
    return Details(environment, mounts=mounts, options=["--cap-drop=ALL"], user=me())


def _haproxy(home: Home) -> Details:
    details = _balancer(home)
    if read_env(_environment_file(home, "haproxy")) != details.environment:
        # It is to listen somewhere else than the last configuration says.
        (home.path / "haproxy" / "haproxy.cfg").unlink(missing_ok=True)
    return details


def _renderer(home: Home) -> Details:
    details = _balancer(home)
    command = ["python3", "-P", "-m", "mfplatform.balancer.loop"]
    return Details(details.environment, command, details.mounts, details.options, me())


def _logs(home: Home) -> Details:
    socket = engine.socket()
    environment = {
        "MF_PLATFORM": home.id,
        "LOGS_ADDRESS": f"{home.host}:{home.settings['LOGS_PORT']}",
        "LOGS_PASSWORD": home.secrets["STATS_PASSWORD"],
    }
    mounts = [
        Mount(socket, "/run/docker.sock"),
        Mount(home.logs, "/var/log/microflack"),
    ]
    options = ["--cap-drop=ALL", "--group-add", str(socket.stat().st_gid)]
    return Details(environment, mounts=mounts, options=options, user=me())


PARTS = (
    Part("etcd", "ETCD_PORT", "etcd", _etcd, probes.etcd_answers),
    Part("mariadb", "MYSQL_PORT", "mariadb", _mariadb, probes.mariadb_answers, 30),
    Part("redis", "REDIS_PORT", "redis", _redis, probes.redis_answers),
    Part("logs", "LOGS_PORT", "logs", _logs, probes.logs_answer),
    Part("haproxy", "MF_PORT", "loadbalancer", _haproxy, probes.haproxy_answers),
    Part("renderer", "", "loadbalancer", _renderer, probes.renderer_answers),
)
