"""The parts of the platform as processes: the command line and environment of each."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from shlex import quote

from mfplatform.metrics import prometheus
from mfplatform.runtime import base
from mfplatform.runtime.process.program_config import base_environment
from mfplatform.secrets_store import server, store
from mfplatform.state import database, gate_config, parts, registry_gate, tls
from mfplatform.state.home import Home, PlatformError, write_private
from mfplatform.state.parts import PartSpec

REDIS = """\
bind {host}
port {port}
dir "{folder}"
daemonize no
# It carries events from one process to another and stores nothing.
save ""
appendonly no
# Who may do what; nobody without a password.
aclfile "{folder}/users.acl"
# A title of its own would overwrite the mark by which its processes are found.
set-proc-title no
"""
# The servers that parts run, and the Debian packages that they come from.
SERVERS = {
    "etcd": "etcd-server",
    "haproxy": "haproxy",
    "mariadbd": "mariadb-server",
    "redis-server": "redis-server",
}


def specs() -> list[PartSpec]:
    """Return the parts that can be run as processes."""
    return parts.chosen(_COMMANDS)


def command(home: Home, part: PartSpec) -> Sequence[str]:
    """Return a part's command line, once the files that it needs are there.

    :raises PlatformError: it cannot be run as a process, or its server is missing.
    """
    if part.name not in _COMMANDS:
        raise PlatformError(f"{part.name} is not run as a process")
    return _COMMANDS[part.name](home)


def environment(home: Home, part: PartSpec) -> dict[str, str]:
    """Return all of a part's environment."""
    own = _OWN_SETTINGS[part.name](home) if part.name in _OWN_SETTINGS else {}
    return base_environment() | part.settings(home) | own


def _server(name: str) -> str:
    path = shutil.which(name)
    if path is None:
        raise PlatformError(f"{name} is not installed. Install it with: mfup")
    return path


def _etcd(home: Home) -> list[str]:
    (home.path / "etcd").mkdir(mode=0o700, exist_ok=True)
    # Otherwise the socket of one that was killed is in its way.
    start = f"rm -f ./{gate_config.ETCD_SOCKET}; exec {quote(_server('etcd'))}"
    return [*_within(registry_gate.folder(home)), "sh", "-c", start]


def _within(folder: Path) -> list[str]:
    """Return what makes a command start in a folder, where its sockets are then."""
    return ["env", f"--chdir={folder}"]


def _registry(home: Home) -> list[str]:
    gate = [_server("haproxy"), "-db", "-f", "gate.cfg"]
    return [*_within(registry_gate.folder(home)), *gate]


def _etcd_settings(home: Home) -> dict[str, str]:
    return {"ETCD_DATA_DIR": str(home.path / "etcd")}


def _mariadb(home: Home) -> list[str]:
    database.prepare(home)
    return [_server("mariadbd"), f"--defaults-file={home.path / 'mariadb' / 'my.cnf'}"]


def _redis(home: Home) -> list[str]:
    file = home.path / "redis" / "redis.conf"
    write_private(file, _redis_configuration(home))
    return [_server("redis-server"), str(file)]


def _redis_configuration(home: Home) -> str:
    quoted = str(home.path / "redis").replace("\\", "\\\\").replace('"', '\\"')
    port = home.settings["REDIS_PORT"]
    return REDIS.format(host=home.host, port=port, folder=quoted)


def _redis_settings(home: Home) -> dict[str, str]:
    # It is started anew when its configuration changes.
    text = _redis_configuration(home)
    return {"CONFIGURATION": sha256(text.encode()).hexdigest()[:16]}


def _balancer_settings(home: Home) -> dict[str, str]:
    return {
        "PYTHONPATH": os.environ["MF_ADMIN"],
        "HAPROXY_CFG": str(home.haproxy_cfg),
        "HAPROXY_SOCKET": str(home.run / "haproxy.sock"),
        "HAPROXY_MASTER_SOCKET": str(home.run / "haproxy-master.sock"),
    }


def _haproxy(home: Home) -> list[str]:
    folder = home.path / "haproxy"
    folder.mkdir(mode=0o700, exist_ok=True)
    configuration = folder / "haproxy.cfg"
    if not configuration.exists():
        _first_configuration(home)
    master = str(home.run / "haproxy-master.sock")
    return [_server("haproxy"), "-W", "-S", master, "-f", str(configuration)]


def _first_configuration(home: Home) -> None:
    (renderer,) = parts.chosen(["renderer"])
    done = subprocess.run(
        [*_renderer(home), "--once-config"],
        env=environment(home, renderer),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise PlatformError(f"no load balancer configuration: {done.stderr.strip()}")


def _certificates(_home: Home) -> list[str]:
    return [sys.executable, "-P", "-m", "mfplatform.certificates.keeper"]


def _certificates_settings(home: Home) -> dict[str, str]:
    return _balancer_settings(home) | {"MF_TLS_FOLDER": str(tls.folder(home))}


def _openbao(home: Home) -> list[str]:
    command = [str(server.program(home)), "server", "-config=bao.hcl"]
    return [*_within(store.folder(home)), *command]


def _leases(_home: Home) -> list[str]:
    return [sys.executable, "-P", "-m", "mfplatform.secrets_store.keeper"]


def _leases_settings(home: Home) -> dict[str, str]:
    return {
        "PYTHONPATH": os.environ["MF_ADMIN"],
        "STORE_FOLDER": str(store.folder(home)),
        "INSTANCES_FOLDER": str(home.instances),
    }


def _prometheus(home: Home) -> list[str]:
    return prometheus.command(home, _server("prometheus"))


def _caretaker(_home: Home) -> list[str]:
    return [sys.executable, "-P", "-m", "mfplatform.caretaker.loop"]


def _status(_home: Home) -> list[str]:
    return [sys.executable, "-P", "-m", "mfplatform.status_page.server"]


def _command_settings(home: Home) -> dict[str, str]:
    # All that a command is given: it does what commands do.
    names = ("MF_ADMIN", "MF_ROOT", *base.create(home).variables)
    own = {name: os.environ[name] for name in names if name in os.environ}
    # Otherwise each of the threads with which it looks keeps what it once needed.
    own |= {"MALLOC_ARENA_MAX": "1"}
    return own | {"PYTHONPATH": own["MF_ADMIN"], "MF_HOME": str(home.path)}


def _logs(_home: Home) -> list[str]:
    return [sys.executable, "-P", "-m", "mfplatform.logs.server"]


def _logs_settings(home: Home) -> dict[str, str]:
    return {"PYTHONPATH": os.environ["MF_ADMIN"], "LOGS_FOLDER": str(home.logs)}


def _renderer(_home: Home) -> list[str]:
    return [sys.executable, "-P", "-m", "mfplatform.balancer.loop"]


_COMMANDS: Mapping[str, Callable[[Home], Sequence[str]]] = {
    "etcd": _etcd,
    "registry": _registry,
    "mariadb": _mariadb,
    "redis": _redis,
    "logs": _logs,
    "haproxy": _haproxy,
    "renderer": _renderer,
    "certificates": _certificates,
    "status": _status,
    "prometheus": _prometheus,
    "caretaker": _caretaker,
    "openbao": _openbao,
    "leases": _leases,
}
_OWN_SETTINGS: Mapping[str, Callable[[Home], dict[str, str]]] = {
    "etcd": _etcd_settings,
    "redis": _redis_settings,
    "logs": _logs_settings,
    "haproxy": _balancer_settings,
    "renderer": _balancer_settings,
    "certificates": _certificates_settings,
    "status": _command_settings,
    "caretaker": _command_settings,
    "leases": _leases_settings,
}
