"""The parts of the platform as containers: what each is made of."""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from mfplatform.logs.shipping import destination
from mfplatform.runtime.docker import engine, host_parts, images
from mfplatform.runtime.docker.container import Container, Mount, me
from mfplatform.secrets_store import server, store
from mfplatform.state import database, parts, registry_gate, tls
from mfplatform.state.home import Home, PlatformError
from mfplatform.state.parts import PartSpec

SOCKETS, STORE = "/run/registry", "/run/store"
# What of the parts' settings is secret.
SECRETS = ("ETCD", "STATS_PASSWORD", "LOGS_PASSWORD", "LOGS_TO", "MYSQL_ROOT_PASSWORD")
WORKDIR = f"--workdir={SOCKETS}"


@dataclass(frozen=True)
class Details:
    """What differs from one part's container to another's.

    :param settings: what is added to the settings that the part has in every runtime.
    :param user: who runs it; the image's own user when empty.
    """

    settings: Mapping[str, str] = field(default_factory=dict)
    command: Sequence[str] = ()
    mounts: Sequence[Mount] = ()
    options: Sequence[str] = ()
    user: str = ""
    capabilities: Sequence[str] = ()


def specs() -> list[PartSpec]:
    """Return the parts that can be run as containers, or beside them."""
    return parts.chosen([*_PARTS, *host_parts.NAMES])


def container(home: Home, part: PartSpec) -> Container:
    """Describe a part's container, once the folders that it needs are there.

    :raises PlatformError: it cannot be run as a container.
    """
    if part.name not in _PARTS:
        raise PlatformError(f"{part.name} is not run as a container")
    image, describe = _PARTS[part.name]
    details = describe(home)
    environment = part.settings(home) | dict(details.settings)
    name, published = (
        images.platform_image(home, image),
        images.is_published(home, image),
    )
    # A published image may have no shell that could read a file of secrets.
    secret = [] if published else [one for one in SECRETS if one in environment]
    command = details.command
    if secret:
        command = images.command(engine.image(name) or {"Config": {}}, command)
    return Container(
        name=part.name,
        image=name,
        environment=environment,
        environment_file=home.path / "containers" / f"{part.name}.env",
        command=command,
        secret=secret,
        mounts=details.mounts,
        labels={"app": "microflack-platform", "part": part.name},
        options=details.options,
        user=details.user,
        stop_seconds=part.stop_timeout_seconds,
        hardened=not published,
        capabilities=details.capabilities,
        memory="1g",
    )


def _folder(home: Home, name: str) -> Path:
    folder = home.path / name
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


def _user() -> str:
    """Return the user of a part whose image may be a published one."""
    # Those have a user of their own for when they are started as root.
    return me() if os.getuid() else ""


def _etcd(home: Home) -> Details:
    # All by its environment, since published images differ in what they start.
    settings = {"ETCD_DATA_DIR": "/var/lib/etcd"}
    mounts = [Mount(_folder(home, "etcd"), "/var/lib/etcd"), _sockets(home)]
    return Details(settings, mounts=mounts, options=[WORKDIR], user=_user())


def _sockets(home: Home) -> Mount:
    """Return the folder in which etcd and its gate find each other."""
    return Mount(registry_gate.folder(home), SOCKETS)


def _registry(home: Home) -> Details:
    command = ["haproxy", "-db", "-f", "gate.cfg"]
    return Details({}, command, [_sockets(home)], [WORKDIR], user=me())


def _mariadb(home: Home) -> Details:
    # As the published images of MySQL and MariaDB have it.
    settings = {"MYSQL_ROOT_PASSWORD": home.secrets["MYSQL_ROOT_PASSWORD"]}
    where = [f"--bind-address={home.host}", f"--port={home.settings['MYSQL_PORT']}"]
    options = [f"--{option}" for option in (*database.OPTIONS, "loose-mysqlx=OFF")]
    mount = Mount(_folder(home, "mariadb"), "/var/lib/mysql")
    # Started as root it becomes a user of its own.
    rights = () if os.getuid() else ("CHOWN", "DAC_OVERRIDE", "SETGID", "SETUID")
    return Details(
        settings, [*where, *options], [mount], user=_user(), capabilities=rights
    )


def _redis(home: Home) -> Details:
    command = ["redis-server", "--bind", home.host]
    command += ["--port", home.settings["REDIS_PORT"]]
    # It carries events from one process to another and stores nothing.
    command += ["--save", "", "--appendonly", "no"]
    # Who may do what; nobody without a password.
    command += ["--aclfile", "/run/queue/users.acl"]
    mount = Mount(_folder(home, "redis"), "/run/queue")
    return Details(command=command, mounts=[mount], user=_user())


def _balancer(home: Home, *command: str) -> Details:
    settings = {
        "HAPROXY_CFG": "/run/haproxy/haproxy.cfg",
        "HAPROXY_SOCKET": "/run/haproxy/haproxy.sock",
        "HAPROXY_MASTER_SOCKET": "/run/haproxy/haproxy-master.sock",
    }
    mounts = [Mount(_folder(home, "haproxy"), "/run/haproxy")]
    return Details(settings, command, mounts, user=me())


def _renderer(home: Home) -> Details:
    return _balancer(home, "python3", "-P", "-m", "mfplatform.balancer.loop")


def _certificates(home: Home) -> Details:
    module = "mfplatform.certificates.keeper"
    details = _balancer(home, "python3", "-P", "-m", module)
    folder = tls.folder(home)
    mounts = [*details.mounts, Mount(folder, "/srv/tls")]
    # At the same place as here, since the settings name it; a link may lead elsewhere.
    named = (home.settings.get(name) for name in ("MF_CERT", "MF_ACME_CA"))
    folders = {one.parent for text in named if text for one in _with_target(Path(text))}
    mounts += [Mount(folder, str(folder)) for folder in sorted(folders)]
    settings = {**details.settings, "MF_TLS_FOLDER": "/srv/tls"}
    return replace(details, settings=settings, mounts=mounts)


def _with_target(file: Path) -> set[Path]:
    return {file, file.resolve()}


def _openbao(home: Home) -> Details:
    # The program that was installed here: it needs nothing of its container.
    program = Mount(server.program(home), "/usr/local/bin/bao", readonly=True)
    mounts = [program, Mount(store.folder(home), STORE)]
    command = ["bao", "server", "-config=bao.hcl"]
    return Details({}, command, mounts, [f"--workdir={STORE}"], user=me())


def _leases(home: Home) -> Details:
    command = ["python3", "-P", "-m", "mfplatform.secrets_store.keeper"]
    settings = {"STORE_FOLDER": STORE, "INSTANCES_FOLDER": "/srv/instances"}
    instances = Mount(_folder(home, "instances"), "/srv/instances", readonly=True)
    mounts = [Mount(store.folder(home), STORE), instances]
    return Details(settings, command, mounts, user=me())


def _logs(home: Home) -> Details:
    socket = engine.socket()
    mounts = [
        Mount(socket, "/run/engine.sock"),
        Mount(home.logs, "/var/log/microflack"),
    ]
    if authority := home.settings.get(destination.LOGS_CA):
        # At the same place as here, since the setting names it.
        mounts.append(Mount(Path(authority), authority, readonly=True))
    options = ["--group-add", str(socket.stat().st_gid)]
    return Details(mounts=mounts, options=options, user=me())


# The image of each part, and what describes its container.
_PARTS: Mapping[str, tuple[str, Callable[[Home], Details]]] = {
    "etcd": ("etcd", _etcd),
    "registry": ("loadbalancer", _registry),
    "mariadb": ("mariadb", _mariadb),
    "redis": ("redis", _redis),
    "logs": ("logs", _logs),
    "haproxy": ("loadbalancer", _balancer),
    "renderer": ("loadbalancer", _renderer),
    "certificates": ("loadbalancer", _certificates),
    "openbao": ("loadbalancer", _openbao),
    "leases": ("loadbalancer", _leases),
}
IMAGES = frozenset(image for image, _ in _PARTS.values())
