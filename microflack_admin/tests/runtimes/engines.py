"""A Docker engine of the tests' own.

What it has built is kept in mftest's folder, so that the next run builds only what has
changed. Each week it begins from nothing, as Debian's packages do not stand still.
"""

import fcntl
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from daemons import Daemon, wait_for

from mftools.testing import left_behind

PROGRAMS = ("dockerd", "docker", "mmdebstrap", "ip")


class NoEngine(Exception):
    """Raised where no engine can be started; its text says why."""


class EngineBroken(Exception):
    """Raised where one has run before and does not now; its text says why."""


class Engine:
    """A dockerd with its own socket, data and bridge, apart from the machine's."""

    def __init__(self, *options: str) -> None:
        """Describe it; ``options`` are more of dockerd's."""
        self.folder = Path(tempfile.mkdtemp(prefix="mf-engine-"))
        self._lock: int | None = None
        # Tells the next run where this one was, until it has ended well.
        self._record: Path | None = None
        data = self._kept() or self.folder / "data"
        self.address = f"unix://{self.folder}/docker.sock"
        self._bridge = f"mf{os.getpid()}"
        # One of 4096 small networks, so that two engines hardly meet.
        number = os.getpid() % 4096
        self._network = f"172.{16 + number // 256}.{number % 256}.1/28"
        command = ["dockerd", "--host", self.address, "--bridge", self._bridge]
        command += ["--data-root", str(data)]
        command += ["--exec-root", str(self.folder / "exec")]
        command += ["--pidfile", str(self.folder / "docker.pid"), *options]
        self._daemon = Daemon(command, self.folder / "log")

    def _kept(self) -> Path | None:
        """Return the folder of what earlier runs have built, unless one has it now."""
        if os.getuid() or "MF_RESULTS" not in os.environ:
            return None
        kept = Path(os.environ["MF_RESULTS"]).parent / "engine"
        kept.mkdir(mode=0o700, exist_ok=True)
        self._lock = os.open(kept / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return None
        self._end_left_behind(kept)
        self._record = kept / "folder"
        return kept / "data"

    def _end_left_behind(self, kept: Path) -> None:
        """End the engine of a run that was killed before it could do so."""
        left_behind.stop(kept / "data", "dockerd")
        if (record := kept / "folder").exists():
            # What only containerd and its containers name.
            folder, bridge = record.read_text().splitlines()
            left_behind.stop(Path(folder))
            left_behind.remove(Path(folder))
            left_behind.unmount(kept)
            subprocess.run(["ip", "link", "delete", bridge], capture_output=True)
            record.unlink()

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
        if self._record:
            self._record.write_text(f"{self.folder}\n{self._bridge}\n")
        self._daemon.start()
        process = self._daemon.process
        assert process is not None
        wait_for(lambda: self.answers() or process.poll() is not None, 300)
        if process.poll() is not None:
            self._say_why(f"dockerd does not start: {self._daemon.log[-500:]}")
        if self._record:
            self._record.with_name("works").touch()
        self._forget()

    def _say_why(self, reason: str) -> None:
        """Fail where it has worked before: something is in its way."""
        if self._record and self._record.with_name("works").exists():
            raise EngineBroken(reason)
        raise NoEngine(reason)

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
        if self._record:
            self._record.unlink(missing_ok=True)
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

    def _ip(self, *arguments: str) -> None:
        done = subprocess.run(["ip", *arguments], capture_output=True, text=True)
        if done.returncode:
            raise NoEngine(f"no network for containers: {done.stderr.strip()}")
