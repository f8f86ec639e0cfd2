"""The parts of the platform: how each is run, and how to see that it works."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from mfplatform.runtime.process.program_config import Program, base_environment
from mfplatform.state import database, probes
from mfplatform.state.home import Home, PlatformError, read_env, write_private

REDIS = """\
bind {host}
port {port}
dir "{folder}"
daemonize no
# It carries events from one process to another and stores nothing.
save ""
appendonly no
# A title of its own would overwrite the mark by which its processes are found.
set-proc-title no
"""


@dataclass(frozen=True)
class Part:
    """A part of the platform.

    ``port`` names the setting with its port; ``command`` returns its command line once
    what it needs is there; ``answers`` tells whether it works.
    """

    name: str
    port: str
    command: Callable[[Home], Sequence[str]]
    answers: Callable[[Home], bool]
    stop_seconds: int = 10

    def program(self, home: Home) -> Program:
        """Describe it to the supervisor."""
        return Program(
            name=self.name,
            command=self.command(home),
            directory=home.supervisor,
            environment=_environment(home, self.name),
            environment_file=_environment_file(home, self.name),
            stop_seconds=self.stop_seconds,
        )


def _environment_file(home: Home, name: str) -> Path:
    return home.supervisor / "env" / f"{name}.env"


def _environment(home: Home, name: str) -> dict[str, str]:
    environment = base_environment()
    if name in ("renderer", "haproxy"):
        environment |= balancer_environment(home)
    return environment


def balancer_environment(home: Home) -> dict[str, str]:
    """Return the settings of the renderer, which HAProxy's configuration may use."""
    return {
        "PYTHONPATH": os.environ["MF_ADMIN"],
        "ETCD": home.etcd,
        "MF_PORT": home.settings["MF_PORT"],
        "MF_BIND": home.settings["MF_BIND"],
        "STATS_PASSWORD": home.secrets["STATS_PASSWORD"],
        "HAPROXY_CFG": str(home.path / "haproxy" / "haproxy.cfg"),
        "HAPROXY_SOCKET": str(home.run / "haproxy.sock"),
        "HAPROXY_MASTER_SOCKET": str(home.run / "haproxy-master.sock"),
    }


def server(name: str) -> str:
    """Return where a server's program is."""
    path = shutil.which(name)
    if path is None:
        raise PlatformError(f"{name} is not installed. Install it with: mfup")
    return path


def _etcd(home: Home) -> list[str]:
    peer = f"http://{home.host}:{home.settings['ETCD_PEER_PORT']}"
    (home.path / "etcd").mkdir(mode=0o700, exist_ok=True)
    return [
        server("etcd"),
        "--name=default",
        "--enable-v2",
        f"--data-dir={home.path / 'etcd'}",
        f"--listen-client-urls={home.etcd}",
        f"--advertise-client-urls={home.etcd}",
        f"--listen-peer-urls={peer}",
        f"--initial-advertise-peer-urls={peer}",
        f"--initial-cluster=default={peer}",
        # There is nobody else to vote: it need not wait long after a restart.
        "--heartbeat-interval=50",
        "--election-timeout=250",
        "--logger=zap",
        "--log-level=warn",
        "--log-outputs=stderr",
    ]


def _mariadb(home: Home) -> list[str]:
    database.prepare(home)
    return [server("mariadbd"), f"--defaults-file={home.path / 'mariadb' / 'my.cnf'}"]


def _redis(home: Home) -> list[str]:
    folder = home.path / "redis"
    folder.mkdir(mode=0o700, exist_ok=True)
    quoted = str(folder).replace("\\", "\\\\").replace('"', '\\"')
    port = home.settings["REDIS_PORT"]
    text = REDIS.format(host=home.host, port=port, folder=quoted)
    write_private(folder / "redis.conf", text)
    return [server("redis-server"), str(folder / "redis.conf")]


def _haproxy(home: Home) -> list[str]:
    folder = home.path / "haproxy"
    folder.mkdir(mode=0o700, exist_ok=True)
    configuration = folder / "haproxy.cfg"
    if read_env(_environment_file(home, "haproxy")) != _environment(home, "haproxy"):
        # It is to listen somewhere else than the last configuration says.
        configuration.unlink(missing_ok=True)
    if not configuration.exists():
        _first_configuration(home)
    master = str(home.run / "haproxy-master.sock")
    return [server("haproxy"), "-W", "-S", master, "-f", str(configuration)]


def _first_configuration(home: Home) -> None:
    done = subprocess.run(
        [sys.executable, "-P", "-m", "mfplatform.balancer.loop", "--once-config"],
        env=base_environment() | balancer_environment(home),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise PlatformError(f"no load balancer configuration: {done.stderr.strip()}")


def _renderer(home: Home) -> list[str]:
    return [sys.executable, "-P", "-m", "mfplatform.balancer.loop"]


PARTS = (
    Part("etcd", "ETCD_PORT", _etcd, probes.etcd_answers),
    Part("mariadb", "MYSQL_PORT", _mariadb, probes.mariadb_answers, stop_seconds=30),
    Part("redis", "REDIS_PORT", _redis, probes.redis_answers),
    Part("haproxy", "MF_PORT", _haproxy, probes.haproxy_answers),
    Part("renderer", "", _renderer, probes.renderer_answers),
)
