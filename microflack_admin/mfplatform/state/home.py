"""Where one platform keeps its things: its folders, settings and secrets.

Needs nothing but Python itself, since it runs before the tools are installed.
"""

import fcntl
import os
import secrets
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from mfplatform.state import identity

# The platform's own account in the registry and in the queue.
ROOT = "root"
# Where nothing is there only once, each host has a door at this address to all of it.
REDUNDANT, DOOR = "MF_REDUNDANT", "127.0.0.1"


class PlatformError(Exception):
    """Something that a person has to be told; the text says how to go on."""


def read_env(path: Path) -> dict[str, str]:
    """Return the KEY=VALUE lines of a file; none when there is no such file."""
    try:
        # Not splitlines(): other signs than a newline may stand in a value.
        lines = path.read_text(encoding="utf-8", errors="replace").split("\n")
    except FileNotFoundError:
        return {}
    pairs = (line.split("=", 1) for line in lines if "=" in line)
    return {key: value for key, value in pairs if key.isidentifier()}


def write_private(path: Path, text: str) -> bool:
    """Replace a file that only its owner may read; False when nothing changed."""
    try:
        if path.read_text(encoding="utf-8") == text:
            return False
    except FileNotFoundError:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    new = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    with open(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())
    new.replace(path)
    return True


def write_env(path: Path, values: Mapping[str, str]) -> bool:
    """Write KEY=VALUE lines; False when they stood there already."""
    for key, value in values.items():
        if not key.isidentifier() or any(sign in value for sign in "\r\n\0"):
            raise PlatformError(f"{key} is not a setting that fits on one line")
    return write_private(path, "".join(f"{k}={v}\n" for k, v in values.items()))


class Home:
    """The folder that holds a platform's state, MF_HOME."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.settings_file = path / "settings.env"
        # What mfup is about to record, once there is a certificate for it.
        self.next_settings_file = path / "settings.next.env"
        self.secrets_file = path / "secrets.env"
        self.logs = path / "logs"
        self.images = path / "images"
        self.image_store = path / "image-store"
        self.instances = path / "instances"
        self.supervisor = path / "supervisor"
        self.haproxy_cfg = path / "haproxy" / "haproxy.cfg"

    @classmethod
    def here(cls) -> "Home":
        """Return the platform that the environment names."""
        return cls(Path(os.environ["MF_HOME"]))

    @property
    def settings(self) -> dict[str, str]:
        """What was recorded at the first start."""
        return read_env(self.settings_file)

    @property
    def secrets(self) -> dict[str, str]:
        """The platform's secrets."""
        return read_env(self.secrets_file)

    @property
    def run(self) -> Path:
        """The folder of the unix sockets, whose paths must be short."""
        # Without it, where damaged settings lack it: what runs must come to an end.
        return Path(self.settings.get("MF_RUN") or run_path(self.path))

    @property
    def was_started(self) -> bool:
        """Whether a first start has recorded where its sockets are.

        A copy of another platform's folder names the sockets of that one until it is
        started itself: whatever is asked or stopped there is not its own.
        """
        recorded = self.settings.get("MF_RUN")
        if recorded is None:
            return self.settings_file.exists()
        return recorded == str(run_path(self.path))

    @property
    def runtime(self) -> str:
        """How its parts and instances run; before the first start, how they would."""
        recorded = self.settings.get("MF_RUNTIME")
        return recorded or os.environ.get("MF_RUNTIME", "process")

    @property
    def id(self) -> str:
        """What tells this platform's things from those of others on the machine."""
        return identity.token(self.path)

    @property
    def host(self) -> str:
        """The address at which the platform's parts and instances listen."""
        return self.settings.get("HOST_IP_ADDRESS", "127.0.0.1")

    @property
    def door(self) -> str:
        """The address at which registry, database, queue and balancer are reached."""
        return DOOR if self.settings.get(REDUNDANT) == "yes" else self.host

    @property
    def registry_address(self) -> str:
        """Where the registry listens, HOST:PORT."""
        return f"{self.door}:{self.settings['ETCD_PORT']}"

    @property
    def etcd(self) -> str:
        """The registry's URL for the platform itself."""
        # None yet where an older checkout has started the platform that runs.
        password = self.secrets.get("REGISTRY_PASSWORD")
        own = f"{ROOT}:{password}@" if password else ""
        return f"http://{own}{self.registry_address}"

    @property
    def balancer(self) -> str:
        """The load balancer's URL for what runs on this machine."""
        return self.settings["LB"]

    @property
    def url(self) -> str:
        """The chat's URL for people."""
        return self.settings.get("MF_URL") or self.balancer

    @property
    def services_balancer(self) -> str:
        """The load balancer's URL for services, whose requests are not counted."""
        port = self.settings.get("SERVICES_PORT")
        return f"http://{self.door}:{port}" if port else self.balancer

    @property
    def operator(self) -> str:
        """The URL at which operators find /stats and /logs."""
        port = self.settings.get("OPERATOR_PORT")
        return f"http://127.0.0.1:{port}" if port else self.balancer

    @property
    def redis_address(self) -> str:
        """Where the queue listens, HOST:PORT."""
        return f"{self.door}:{self.settings['REDIS_PORT']}"

    @property
    def redis(self) -> str:
        """The queue's address for the platform itself, NAME:PASSWORD@HOST:PORT."""
        password = self.secrets.get("REDIS_PASSWORD")
        return (f"{ROOT}:{password}@" if password else "") + self.redis_address

    def record(self, **values: str) -> bool:
        """Change settings and keep the others; False when nothing changed."""
        return write_env(self.settings_file, self.settings | values)

    @contextmanager
    def locked(self, name: str, waits: bool = True) -> Iterator[bool]:
        """Let one process at a time in; False to another one that does not wait."""
        folder = self.path / "locks"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with open(folder / f"{name}.lock", "w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | (0 if waits else fcntl.LOCK_NB))
            except BlockingIOError:
                yield False
            else:
                yield True


def private_folder(folder: Path) -> Path:
    """Make a folder in /tmp that is nobody else's."""
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    private = stat.S_ISDIR(found.st_mode) and not found.st_mode & 0o077
    if not private or found.st_uid != os.getuid():
        raise PlatformError(f"{folder} belongs to somebody else. Remove it, try again.")
    return folder


def run_path(home: Path) -> Path:
    """Return where a platform's unix sockets are."""
    return Path(f"/tmp/microflack-{os.getuid()}-{Home(home).id}")


def run_folder(home: Path) -> Path:
    """Make the folder of a platform's unix sockets."""
    return private_folder(run_path(home))
