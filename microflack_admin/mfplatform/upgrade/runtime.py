"""What an upgrade asks of the runtime, through the same verbs as the mf* commands."""

import json
import os
import signal
import subprocess
from collections.abc import Mapping
from pathlib import Path

from mfplatform.state.home import PlatformError
from mfplatform.upgrade.state import ObservedInstance

# No answer of the runtime takes that long, except a start and a stop.
PATIENCE = 60.0
LOG_LINES = 20


class RunFailed(Exception):
    """Raised when a new instance did not get ready; ``log`` is what it said last."""

    def __init__(self, reason: str, log: str = "") -> None:
        super().__init__(reason)
        self.log = log


class Runtime:
    """The verbs of the runtime that this platform uses."""

    def __init__(self) -> None:
        name = os.environ.get("MF_RUNTIME", "process")
        self._folder = Path(os.environ["MF_ADMIN"]) / "runtimes" / name

    def instances(self, service: str = "") -> tuple[ObservedInstance, ...]:
        """Return the instances of a service, or all, the oldest first."""
        listed = json.loads(self._ask("list"))["instances"]
        wanted = (one for one in listed if service in ("", one["service"]))
        return tuple(ObservedInstance.from_listing(one) for one in wanted)

    def services(self) -> list[str]:
        """Return the services that have an instance."""
        return self._ask("list", "--services").split()

    def image(self, service: str, tag: str) -> tuple[str, str]:
        """Return id and version of an image; PlatformError says how to get it."""
        image, _, version = self._ask("identify", service, tag).strip().partition(" ")
        return image, version

    def log(self, name: str, lines: int = LOG_LINES) -> list[str]:
        """Return the last lines that an instance has logged."""
        try:
            return self._ask("logs", "-n", str(lines), name).splitlines()
        except PlatformError:
            return []

    def run(
        self,
        service: str,
        image: str,
        settings: Mapping[str, str],
        within: float,
    ) -> str:
        """Start an instance, wait until it is routed and return its name."""
        pairs = [f"{key}={value}" for key, value in settings.items()]
        known = {one.name for one in self.instances(service)}
        # In a session of its own: Ctrl-C is for us, and we tell it what to do.
        process = self._start("run", service, image, *pairs)
        try:
            out, problem = process.communicate(timeout=within)
        except subprocess.TimeoutExpired:
            log = self._newest_log(service, known)
            self._end(process)
            reason = f"it was not ready within {within:g} s"
            raise RunFailed(reason, log) from None
        except BaseException:
            self._end(process)
            raise
        if process.returncode:
            first, _, rest = problem.strip().partition("\n")
            log = rest.partition("\n")[2]
            raise RunFailed(first.removeprefix("mfrun: "), log)
        return out.strip()

    def kill(self, name: str) -> None:
        """Drain an instance and stop it."""
        process = self._start("kill", name)
        try:
            _, problem = process.communicate()
        except BaseException:
            # Half a stop helps nobody: let it finish.
            process.communicate()
            raise
        if process.returncode:
            raise PlatformError(problem.strip().removeprefix("mfkill: "))

    def _newest_log(self, service: str, known: set[str]) -> str:
        names = [i.name for i in self.instances(service) if i.name not in known]
        return "\n".join(self.log(names[-1])) if names else ""

    def _start(self, verb: str, *arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [self._folder / verb, *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            stdin=subprocess.DEVNULL,
            text=True,
            env=os.environ | {"MF_COMMAND": f"mf{verb}"},
            start_new_session=True,
        )

    def _end(self, process: subprocess.Popen[str]) -> None:
        """Interrupt a start, which then leaves nothing behind."""
        os.killpg(process.pid, signal.SIGTERM)
        process.communicate()

    def _ask(self, verb: str, *arguments: str) -> str:
        done = subprocess.run(
            [self._folder / verb, *arguments],
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            timeout=PATIENCE,
            check=False,
        )
        if done.returncode:
            why = done.stderr.strip() or f"the runtime's {verb} failed"
            raise PlatformError(why)
        return done.stdout
