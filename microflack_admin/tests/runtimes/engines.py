"""A Docker engine of the tests' own, with a base image that need not be pulled.

What it has built is kept in mftest's folder, so that the next run builds only what has
changed. Each week it begins from nothing, as Debian's packages do not stand still.
"""

import fcntl
import os
import shutil
import signal
import subprocess
import tempfile
from datetime import date
from functools import partial
from hashlib import sha256
from pathlib import Path

from daemons import Daemon, wait_for

BASE = "debian:bookworm-slim"
PROGRAMS = ("dockerd", "docker", "mmdebstrap", "ip")
AUTHORITIES = Path("/usr/local/share/ca-certificates")
BUNDLE = Path("/etc/ssl/certs/ca-certificates.crt")
# The label that says what a base image was made of.
MADE_OF = "microflack.base"
# As Debian's own image has it, so that sizes and times are those of a user at home.
SLIM = (
    "path-exclude=/usr/share/doc/*",
    "path-exclude=/usr/share/man/*",
    "path-exclude=/usr/share/locale/*",
    "force-unsafe-io",
)


def _is_gone(pid: str) -> bool:
    return not Path("/proc", pid).exists()


class NoEngine(Exception):
    """Raised where no engine can be started; its text says why."""


class Engine:
    """A dockerd with its own socket, data and bridge, apart from the machine's."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="mf-engine-"))
        self._lock: int | None = None
        data = self._kept() or self.folder / "data"
        self.address = f"unix://{self.folder}/docker.sock"
        self._bridge = f"mf{os.getpid()}"
        # One of 4096 small networks, so that two engines hardly meet.
        number = os.getpid() % 4096
        self._network = f"172.{16 + number // 256}.{number % 256}.1/28"
        command = ["dockerd", "--host", self.address, "--bridge", self._bridge]
        command += ["--data-root", str(data)]
        command += ["--exec-root", str(self.folder / "exec")]
        command += ["--pidfile", str(self.folder / "docker.pid")]
        self._daemon = Daemon(command, self.folder / "log")

    def _kept(self) -> Path | None:
        """Return the folder of what earlier runs have built, unless one has it now."""
        if os.getuid() or "MF_RESULTS" not in os.environ:
            return None
        folder = Path(os.environ["MF_RESULTS"]).parent / "engine"
        folder.mkdir(mode=0o700, exist_ok=True)
        self._lock = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return None
        self._end_left_behind(folder / "data")
        return folder / "data"

    def _end_left_behind(self, data: Path) -> None:
        """End the engine of a run that was killed before it could do so."""
        shown = subprocess.run(
            ["ps", "-eo", "pid,args"], capture_output=True, text=True, check=True
        )
        mark = f" --data-root {data} "
        for line in shown.stdout.splitlines():
            number, program = line.split()[:2]
            if program.endswith("dockerd") and mark in line:
                os.kill(int(number), signal.SIGTERM)
                wait_for(partial(_is_gone, number), 60)

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
        self._forget()

    def _forget(self) -> None:
        """Remove containers, and the names of images, which stay as a cache."""
        if containers := self.docker("ps", "--all", "--quiet").split():
            self.docker("rm", "--force", "--volumes", *containers)
        form = "{{.ID}} {{.Repository}}:{{.Tag}}"
        for line in self.docker("image", "ls", "--format", form).splitlines():
            number, name = line.split()
            if name.startswith(("microflack_", "example.org/")):
                self.docker("tag", number, f"kept:{number}")
                self.docker("image", "rm", "--no-prune", name)

    def answers(self) -> bool:
        """Tell whether it can be used."""
        return self.call("info").returncode == 0

    def stop(self) -> None:
        """Stop it with all its containers, and remove what it kept."""
        if self._daemon.process is not None:
            if self.answers():
                self._forget()
            self._daemon.stop()
            # What it leaves behind.
            left = str(self.folder / "exec" / "netns" / "default")
            subprocess.run(["umount", left], capture_output=True)
            subprocess.run(["ip", "link", "delete", self._bridge], capture_output=True)
        shutil.rmtree(self.folder, ignore_errors=True)
        if self._lock is not None:
            os.close(self._lock)

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
        bundle = self._bundle()
        week = str(date.today().isocalendar()[:2])
        # The names of the files are others each time.
        command = str(self._command(Path("bundle"), Path("tar")))
        parts = (command, bundle.read_text(), week)
        made_of = sha256("\n".join(parts).encode()).hexdigest()
        look = ("image", "inspect", "-f", f'{{{{index .Config.Labels "{MADE_OF}"}}}}')
        if self.call(*look, BASE).stdout.strip() == made_of:
            return
        self.docker("system", "prune", "--all", "--force")
        try:
            done = subprocess.run(
                self._command(bundle, tar), capture_output=True, text=True
            )
        except OSError as error:
            raise NoEngine(f"mmdebstrap: {error}") from error
        if done.returncode:
            raise NoEngine(f"no base image can be made: {done.stderr[-500:]}")
        label = f"LABEL {MADE_OF}={made_of}"
        self.docker("import", "--change", label, str(tar), BASE)
        tar.unlink()

    def _bundle(self) -> Path:
        """Write a file with the certificates of all whom this machine trusts."""
        own = sorted(AUTHORITIES.glob("*.crt"))
        texts = [path.read_text() for path in (BUNDLE, *own) if path.exists()]
        bundle = self.folder / BUNDLE.name
        bundle.write_text("".join(texts))
        return bundle

    def _command(self, bundle: Path, tar: Path) -> list[str]:
        own = sorted(AUTHORITIES.glob("*.crt"))
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
