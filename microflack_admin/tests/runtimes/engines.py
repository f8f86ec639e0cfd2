"""A Docker engine of the tests' own, with a base image that need not be pulled."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from daemons import Daemon, wait_for

BASE = "debian:bookworm-slim"
PROGRAMS = ("dockerd", "docker", "mmdebstrap", "ip")
AUTHORITIES = Path("/usr/local/share/ca-certificates")
BUNDLE = Path("/etc/ssl/certs/ca-certificates.crt")
# As Debian's own image has it, so that sizes and times are those of a user at home.
SLIM = (
    "path-exclude=/usr/share/doc/*",
    "path-exclude=/usr/share/man/*",
    "path-exclude=/usr/share/locale/*",
    "force-unsafe-io",
)


class NoEngine(Exception):
    """Raised where no engine can be started; its text says why."""


class Engine:
    """A dockerd with its own socket, data and bridge, apart from the machine's."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="mf-engine-"))
        self.address = f"unix://{self.folder}/docker.sock"
        self._bridge = f"mf{os.getpid()}"
        # One of 4096 small networks, so that two engines hardly meet.
        number = os.getpid() % 4096
        self._network = f"172.{16 + number // 256}.{number % 256}.1/28"
        command = ["dockerd", "--host", self.address, "--bridge", self._bridge]
        command += ["--data-root", str(self.folder / "data")]
        command += ["--exec-root", str(self.folder / "exec")]
        command += ["--pidfile", str(self.folder / "docker.pid")]
        self._daemon = Daemon(command, self.folder / "log")

    def start(self) -> None:
        """Start it, or say why that cannot be."""
        if os.getuid():
            raise NoEngine("only root can start a Docker engine")
        missing = [name for name in PROGRAMS if not shutil.which(name)]
        if missing:
            raise NoEngine(f"not installed: {' '.join(missing)}")
        self._ip("link", "add", "name", self._bridge, "type", "bridge")
        self._ip("address", "add", self._network, "dev", self._bridge)
        self._ip("link", "set", self._bridge, "up")
        self._daemon.start()
        process = self._daemon.process
        assert process is not None
        wait_for(lambda: self.answers() or process.poll() is not None, 60)
        if process.poll() is not None:
            raise NoEngine(f"dockerd does not start: {self._daemon.log[-500:]}")

    def answers(self) -> bool:
        """Tell whether it can be used."""
        return self.call("info").returncode == 0

    def stop(self) -> None:
        """Stop it with all its containers, and remove what it kept."""
        if self._daemon.process is not None:
            self._daemon.stop()
            # What it leaves behind.
            left = str(self.folder / "exec" / "netns" / "default")
            subprocess.run(["umount", left], capture_output=True)
            subprocess.run(["ip", "link", "delete", self._bridge], capture_output=True)
        shutil.rmtree(self.folder, ignore_errors=True)

    def call(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run docker with some arguments."""
        return subprocess.run(
            ["docker", *arguments],
            env=os.environ | {"DOCKER_HOST": self.address},
            capture_output=True,
            text=True,
        )

    def docker(self, *arguments: str) -> str:
        """Run docker with arguments that have to work; return its output."""
        done = self.call(*arguments)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def make_base(self) -> None:
        """Make a stand-in for Debian's image, which trusts whom this machine trusts."""
        tar = self.folder / "base.tar"
        try:
            done = subprocess.run(
                self._debootstrap(tar), capture_output=True, text=True
            )
        except OSError as error:
            raise NoEngine(f"mmdebstrap: {error}") from error
        if done.returncode:
            raise NoEngine(f"no base image can be made: {done.stderr[-500:]}")
        self.docker("import", str(tar), BASE)
        tar.unlink()

    def _debootstrap(self, tar: Path) -> list[str]:
        own = sorted(AUTHORITIES.glob("*.crt"))
        texts = [path.read_text() for path in (BUNDLE, *own) if path.exists()]
        bundle = self.folder / BUNDLE.name
        bundle.write_text("".join(texts))
        configure = f"printf '[global]\\ncert = {BUNDLE}\\n' >\"$1/etc/pip.conf\""
        hooks = [f'mkdir -p "$1{BUNDLE.parent}"', configure]
        hooks += [f"copy-in {bundle} {BUNDLE.parent}"]
        hooks += [f"copy-in {AUTHORITIES} {AUTHORITIES.parent}"] if own else []
        command = ["mmdebstrap", "--format=tar", "--variant=minbase"]
        command += ["--include=usr-is-merged"]
        command += ["--hook-dir=/usr/share/mmdebstrap/hooks/merged-usr"]
        command += ['--aptopt=Acquire::Languages "none"']
        command += [f"--dpkgopt={option}" for option in SLIM]
        command += [f"--customize-hook={hook}" for hook in hooks]
        return [*command, "bookworm", str(tar)]

    def _ip(self, *arguments: str) -> None:
        done = subprocess.run(["ip", *arguments], capture_output=True, text=True)
        if done.returncode:
            raise NoEngine(f"no network for containers: {done.stderr.strip()}")
