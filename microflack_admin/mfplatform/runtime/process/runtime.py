"""The runtime "process": parts and instances under the platform's own supervisor."""

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from mfplatform.runtime.base import EarlyDeaths, ProcessState, Runtime
from mfplatform.runtime.process import images, parts, restarts
from mfplatform.runtime.process.program_config import Program
from mfplatform.runtime.process.storage import FolderStorage
from mfplatform.runtime.process.supervisor import Supervisor
from mfplatform.state import instances, probes
from mfplatform.state.home import Home
from mfplatform.state.instances import Build, Image, Instance
from mfplatform.state.parts import PartSpec

# What the supervisor calls a state, and what everybody else does; others are "stopped".
STATES: dict[str, Literal["running", "starting", "stopping"]] = {
    "RUNNING": "running",
    "STARTING": "starting",
    "BACKOFF": "starting",
    "EXITED": "starting",
    "STOPPING": "stopping",
}


class Backend(FolderStorage, Runtime):
    """The processes of one platform."""

    noun = "plain processes"
    programs = parts.SERVERS

    def __init__(self, home: Home) -> None:
        super().__init__(home)
        self._supervisor = Supervisor(home)

    def parts(self) -> Sequence[PartSpec]:
        """Return the parts that the platform has here."""
        return parts.specs()

    def is_running(self) -> bool:
        """Tell whether the supervisor answers."""
        return self._supervisor.is_running()

    def absence(self) -> str:
        """Say what serves on when only the supervisor is gone."""
        if not (left := self._supervisor.left_behind()):
            return super().absence()
        names = ", ".join(sorted(left))
        return (
            f"the supervisor of {self.home.path} has died. What it ran serves on, but "
            f"is not brought back when it dies: {names}. Have it watched with: mfup"
        )

    def begin(self) -> None:
        """Have the supervisor running."""
        if not self._supervisor.is_running():
            self._supervisor.start()

    def clear(self) -> None:
        """Stop what a dead supervisor left running."""
        self._supervisor.end_left_behind()

    def abandon(self) -> None:
        """Leave what works: the next start goes on from there."""

    def shut_down(self) -> None:
        """End the supervisor."""
        self._supervisor.shut_down()

    def start_part(self, part: PartSpec) -> bool:
        """Have a part running; False when it was already."""
        program = Program(
            name=part.name,
            command=parts.command(self.home, part),
            directory=self.home.supervisor,
            environment=parts.environment(self.home, part),
            environment_file=self._environment_file(part.name),
            stop_seconds=part.stop_timeout_seconds,
        )
        return self._supervisor.ensure(program)

    def start_instance(self, instance: Instance) -> bool:
        """Have an instance running; False when it was already."""
        folder = images.folder_of(self.home, instance)
        program = Program(
            name=instance.name,
            command=["./boot.sh"],
            directory=folder / "app",
            environment=images.environment(self.home, instance, folder),
            environment_file=self._environment_file(instance.name),
            stop_seconds=instances.STOP_TIMEOUT_SECONDS,
        )
        return self._supervisor.ensure(program)

    def _environment_file(self, name: str) -> Path:
        if name in {part.name for part in self.parts()}:
            return self.home.supervisor / "env" / f"{name}.env"
        return instances.environment_file(self.home, name)

    def pid(self, name: str) -> int:
        """Return the process of a part or instance, 0 when it has none."""
        return self._supervisor.pid(name)

    def states(self) -> dict[str, ProcessState]:
        """Return how each part and instance is."""
        return {
            name: {
                **self._early_deaths(name),
                "restarts": restarts.restarts(self._environment_file(name)),
                "state": STATES.get(found["statename"], "stopped"),
                "pid": found["pid"] or None,
                "since": found["start"] if found["pid"] else None,
            }
            for name, found in self._supervisor.all().items()
        }

    def _early_deaths(self, name: str) -> EarlyDeaths:
        count = restarts.short_lives(self._environment_file(name))
        if not count:
            return {"short_lives": 0}
        return {"short_lives": count, "last_end": self._supervisor.last_end(name)}

    def stop(self, names: Sequence[str], timeout_seconds: float) -> None:
        """Stop several side by side; kill those that have not within the time."""
        self._supervisor.stop(names, timeout_seconds)

    def remove(self, name: str, timeout_seconds: float) -> None:
        """Stop one and forget it."""
        self._supervisor.remove(name, timeout_seconds)

    def log_tail(self, name: str) -> str:
        """Return the last lines that a part or an instance logged."""
        return probes.log_tail(self.home, name)

    def build(self, service: str, source: Path, tags: Sequence[str]) -> Build:
        """Have an image of a folder of source code, and give it these tags."""
        return images.build(self.home, service, source, tags)

    def image(self, service: str, tag: str) -> Image:
        """Return a service's image, by one of its tags or its id."""
        return images.find(self.home, service, tag)
