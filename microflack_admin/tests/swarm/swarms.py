"""A swarm of engines on one machine: its first host is the machine itself.

The others are network namespaces beside it, each with an engine of its own. They reach
the first host and nothing else, so their images come through a registry there.
"""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from base_images import make_base
from daemons import Daemon, wait_for
from engines import Engine, NoEngine

# What an engine needs for itself alone is mounted where nobody else sees it.
ALONE = """
mount --make-rprivate / && mount -t tmpfs tmpfs /run && hostname "$1" || exit
shift; exec "$@"
"""


def ip(*words: str) -> None:
    """Change the machine's network."""
    done = subprocess.run(["ip", *words], capture_output=True, text=True)
    if done.returncode:
        raise NoEngine(f"no network for hosts: ip {' '.join(words)}: {done.stderr}")


class Host:
    """A host of the swarm, in a network namespace with an engine."""

    def __init__(self, bridge: str, number: int, network: str, folder: Path) -> None:
        self.name = f"{bridge}-{number}"
        self.address = f"{network}.{number}"
        self._bridge, self._network = bridge, network
        self._link = f"{bridge}v{number}"
        self._folder = folder / self.name
        self._folder.mkdir()
        self.engine = f"unix://{self._folder}/docker.sock"
        own = ["nsenter", f"--net=/run/netns/{self.name}", "unshare", "-m", "-u"]
        command = ["dockerd", "--host", self.engine, "--bridge", "none"]
        command += ["--data-root", str(self._folder / "data")]
        command += ["--exec-root", "/run/docker"]
        command += ["--pidfile", str(self._folder / "pid")]
        command += ["--insecure-registry", f"{network}.0/24"]
        shell = ["sh", "-c", ALONE, "sh", self.name]
        self._daemon = Daemon([*own, *shell, *command], self._folder / "log")

    def start(self) -> None:
        """Have the network and the engine."""
        ip("netns", "add", self.name)
        end = ("peer", "name", "eth0", "netns", self.name)
        ip("link", "add", self._link, "type", "veth", *end)
        ip("link", "set", self._link, "master", self._bridge, "up")
        inside = ("-n", self.name)
        ip(*inside, "link", "set", "lo", "up")
        ip(*inside, "address", "add", f"{self.address}/24", "dev", "eth0")
        ip(*inside, "link", "set", "eth0", "up")
        ip(*inside, "route", "add", "default", "via", f"{self._network}.254")
        self.start_engine()

    def start_engine(self) -> None:
        """Start the engine, and wait until it answers."""
        self._daemon.start()
        wait_for(lambda: self.call("info").returncode == 0 or self._has_ended(), 300)
        if self._has_ended():
            raise NoEngine(f"no engine on another host: {self._daemon.log[-500:]}")

    def _has_ended(self) -> bool:
        process = self._daemon.process
        return process is None or process.poll() is not None

    def call(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run docker on this host."""
        command = ["docker", "--host", self.engine, *words]
        return subprocess.run(command, capture_output=True, text=True)

    def cut_off(self, is_off: bool = True) -> None:
        """Take its network away, or give it back."""
        ip("link", "set", self._link, "down" if is_off else "up")

    def stop(self) -> None:
        """Stop all of it and leave nothing."""
        self.call("swarm", "leave", "--force")
        running = self.call("ps", "--all", "--quiet").stdout.split()
        if running:
            self.call("rm", "--force", *running)
        self._daemon.stop()
        subprocess.run(["ip", "link", "delete", self._link], capture_output=True)
        subprocess.run(["ip", "netns", "delete", self.name], capture_output=True)


class Swarm:
    """The machine's own engine for tests as a manager, and more hosts as wanted."""

    def __init__(self) -> None:
        number = os.getpid() % 4096
        self.network = f"10.{224 + number // 256}.{number % 256}"
        self.address = f"{self.network}.254"
        self._bridge = f"mfs{os.getpid() % 100000}"
        self.engine = Engine("--insecure-registry", f"{self.network}.0/24")
        self._folder = Path(tempfile.mkdtemp(prefix="mf-hosts-"))
        self.hosts: list[Host] = []

    def start(self) -> None:
        """Have the engine, in no swarm yet."""
        self.engine.start()
        make_base(self.engine)
        # One that was killed has left it in its data.
        self.engine.call("swarm", "leave", "--force")
        ip("link", "add", "name", self._bridge, "type", "bridge")
        ip("address", "add", f"{self.address}/24", "dev", self._bridge)
        ip("link", "set", self._bridge, "up")

    def init(self) -> None:
        """Make it a swarm of one host."""
        # Otherwise it is a bridge that another swarm of this machine has, too.
        name = f"com.docker.network.bridge.name={self._bridge}g"
        self.engine.call("network", "rm", "docker_gwbridge")
        subnet = f"172.31.{os.getpid() % 250}.0/28"
        words = ["network", "create", "--subnet", subnet, "--opt", name]
        self.engine.docker(*words, "docker_gwbridge")
        where = f"{self.address}:2377"
        words = ["--advertise-addr", self.address, "--listen-addr", where]
        # Three of these missed, and a host is down.
        words += ["--dispatcher-heartbeat", "2s"]
        self.engine.docker("swarm", "init", *words)

    def stranger(self) -> Host:
        """Have a host beside the swarm."""
        number = len(self.hosts) + 1
        host = Host(self._bridge, number, self.network, self._folder)
        self.hosts.append(host)
        host.start()
        return host

    def join(self, role: str = "worker") -> Host:
        """Add a host."""
        host = self.stranger()
        token = self.engine.docker("swarm", "join-token", "--quiet", role)
        words = ["--advertise-addr", host.address, "--listen-addr", host.address]
        done = host.call(
            "swarm", "join", "--token", token, *words, f"{self.address}:2377"
        )
        assert done.returncode == 0, done.stderr
        return host

    def is_ready(self, host: Host) -> bool:
        """Tell whether the swarm takes a host for one that is up."""
        look = ("node", "inspect", "--format", "{{.Status.State}}", host.name)
        return self.engine.docker(*look) == "ready"

    def availability(self, word: str, role: str = "") -> None:
        """Have all hosts take new tasks, or not; or all managers, or workers."""
        only = ("--filter", f"role={role}") if role else ()
        for name in self.engine.docker("node", "ls", "--quiet", *only).split():
            self.engine.docker("node", "update", "--availability", word, name)

    def stop(self) -> None:
        """Stop all of it, and leave nothing."""
        for host in self.hosts:
            host.stop()
        if self.engine.answers():
            self.engine.call("swarm", "leave", "--force")
            self.engine.call("network", "rm", "docker_gwbridge")
        self.engine.stop()
        subprocess.run(["ip", "link", "delete", self._bridge], capture_output=True)
        subprocess.run(["umount", "--recursive", self._folder], capture_output=True)
        shutil.rmtree(self._folder, ignore_errors=True)
