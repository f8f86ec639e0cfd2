"""The runtime "plain": each part and instance is a subprocess with a keeper."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from mfplatform.runtime.base import ProcessState, Runtime
from mfplatform.runtime.process import images, parts, processes
from mfplatform.state import probes
from mfplatform.state.home import write_env, write_private
from mfplatform.state.instances import Build, Image, Instance
from mfplatform.state.parts import PartSpec

KEEP = "mfplatform.runtime.plain.keep"


class Backend(Runtime):
    """The subprocesses of one platform."""

    noun = "plain subprocesses"
    programs = parts.SERVERS

    def parts(self) -> Sequence[PartSpec]:
        """Return the parts that can be run as processes."""
        return parts.specs()

    def is_running(self) -> bool:
        """Tell whether any keeper lives."""
        return any(self._keeper(name) for name in self._names())

    def begin(self) -> None:
        """Have the folders."""
        for folder in (self._folder, self.home.logs):
            folder.mkdir(mode=0o700, exist_ok=True)

    def clear(self) -> None:
        """Stop what is left."""
        self.stop(self._names(), timeout_seconds=10)

    def abandon(self) -> None:
        """Leave what works: the next start goes on from there."""

    def shut_down(self) -> None:
        """Do nothing: a keeper ends with what it keeps."""

    def start_part(self, part: PartSpec) -> bool:
        """Have a part running; False when it was already."""
        command = parts.command(self.home, part)
        environment = parts.environment(self.home, part)
        return self._start(part.name, self.home.path, command, environment)

    def start_instance(self, instance: Instance) -> bool:
        """Have an instance running; False when it was already."""
        folder = images.folder_of(self.home, instance)
        environment = images.environment(self.home, instance, folder)
        return self._start(instance.name, folder / "app", ["./boot.sh"], environment)

    def pid(self, name: str) -> int:
        """Return the process of a part or instance, 0 when it has none."""
        pid = self._read(name, "pid") if self._keeper(name) else 0
        return pid if processes.is_alive(pid) else 0

    def states(self) -> dict[str, ProcessState]:
        """Return how each part and instance is."""
        return {name: self._state(name) for name in self._names()}

    def stop(self, names: Sequence[str], timeout_seconds: float) -> None:
        """Stop several side by side; kill those that have not within the time."""
        keepers = {name: pid for name in names if (pid := self._keeper(name))}
        processes.send(keepers.values(), signal.SIGTERM)
        left = processes.wait(keepers.values(), timeout_seconds)
        for name, keeper in keepers.items():
            if keeper in left:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(self._read(name, "pid"), signal.SIGKILL)
        processes.end(left, timeout_seconds=5)

    def remove(self, name: str, timeout_seconds: float) -> None:
        """Stop one and forget it."""
        self.stop([name], timeout_seconds)
        for kind in ("command", "env", "keeper", "pid"):
            self._file(name, kind).unlink(missing_ok=True)

    def log_tail(self, name: str) -> str:
        """Return the last lines that a part or an instance logged."""
        return probes.log_tail(self.home, name)

    def build(self, service: str, source: Path, tags: Sequence[str]) -> Build:
        """Have an image of a folder of source code, and give it these tags."""
        return images.build(self.home, service, source, tags)

    def image(self, service: str, tag: str) -> Image:
        """Return a service's image, by one of its tags or its id."""
        return images.find(self.home, service, tag)

    @property
    def _folder(self) -> Path:
        return self.home.path / "plain"

    def _file(self, name: str, kind: str) -> Path:
        return self._folder / f"{name}.{kind}"

    def _names(self) -> list[str]:
        return sorted(file.stem for file in self._folder.glob("*.command"))

    def _read(self, name: str, kind: str) -> int:
        try:
            return int(self._file(name, kind).read_text(encoding="utf-8"))
        except (FileNotFoundError, ValueError):
            return 0

    def _keeper(self, name: str) -> int:
        """Return the process of a keeper, 0 if it does not live."""
        pid = self._read(name, "keeper")
        try:
            command = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        except OSError:
            return 0
        # After a reboot its number may be somebody else's.
        mine = os.fsencode(self._folder / name) in command
        return pid if mine and processes.is_alive(pid) else 0

    def _state(self, name: str) -> ProcessState:
        if pid := self.pid(name):
            since = self._file(name, "pid").stat().st_mtime
            return ProcessState(state="running", pid=pid, since=since)
        if self._keeper(name):
            return ProcessState(state="starting", pid=None, since=None)
        return ProcessState(state="stopped", pid=None, since=None)

    def _start(
        self,
        name: str,
        folder: Path,
        command: Sequence[str],
        environment: Mapping[str, str],
    ) -> bool:
        told = json.dumps([str(folder), *command])
        changed = write_private(self._file(name, "command"), told)
        changed = write_env(self._file(name, "env"), environment) or changed
        if self._keeper(name) and not changed:
            return False
        self.stop([name], timeout_seconds=60)
        self._file(name, "pid").unlink(missing_ok=True)
        keeper = [sys.executable, "-P", "-m", KEEP, str(self._folder / name)]
        with open(self.home.logs / f"{name}.log", "ab") as log:
            process = subprocess.Popen(
                keeper,
                env={"PYTHONPATH": os.environ["MF_ADMIN"]},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        write_private(self._file(name, "keeper"), str(process.pid))
        while process.poll() is None and not self._file(name, "pid").exists():
            time.sleep(0.01)
        return True
