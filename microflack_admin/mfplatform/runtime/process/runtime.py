"""The runtime "process": parts and instances under the platform's own supervisor."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mfplatform.runtime.process.parts import PARTS, Part
from mfplatform.runtime.process.program_config import (
    SYSTEM_PATH,
    Program,
    base_environment,
)
from mfplatform.runtime.process.supervisor import Supervisor
from mfplatform.state import instances, probes
from mfplatform.state.home import Home, PlatformError, read_env
from mfplatform.state.instances import Image, Instance

WORDS = {
    "RUNNING": "running",
    "STARTING": "starting",
    "BACKOFF": "starting",
    "EXITED": "starting",
    "STOPPING": "stopping",
}


class Processes:
    """The processes of one platform."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._supervisor = Supervisor(home)

    def parts(self) -> Sequence[Part]:
        """Return the parts that the platform has here."""
        return PARTS

    def is_running(self) -> bool:
        """Tell whether the supervisor answers."""
        return self._supervisor.is_running()

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

    def start_part(self, part: Part) -> bool:
        """Have a part running; False when it was already."""
        return self._supervisor.ensure(part.program(self._home))

    def start_instance(self, instance: Instance) -> bool:
        """Have an instance running; False when it was already."""
        return self._supervisor.ensure(self._program(instance))

    def pid(self, name: str) -> int:
        """Return the process of a part or instance, 0 when it has none."""
        return self._supervisor.pid(name)

    def states(self) -> dict[str, dict[str, Any]]:
        """Return state, pid and since of all parts and instances, by name."""
        return {
            name: {
                "state": WORDS.get(found["statename"], "stopped"),
                "pid": found["pid"] or None,
                "since": found["start"] if found["pid"] else None,
            }
            for name, found in self._supervisor.all().items()
        }

    def stop(self, names: Sequence[str], patience: float) -> None:
        """Stop several side by side; kill those that have not after a while."""
        self._supervisor.stop(names, patience)

    def remove(self, name: str, patience: float) -> None:
        """Stop one and forget it."""
        self._supervisor.remove(name, patience)

    def log_tail(self, name: str) -> str:
        """Return the last lines that a part or an instance logged."""
        return probes.log_tail(self._home, name)

    def image(self, service: str, tag: str) -> Image:
        """Return a service's image, by one of its tags or its id."""
        tags = self._home.images / service / "tags"
        for folder in ((tags / tag).resolve(), self._home.images / service / tag):
            if "/" not in tag and (folder / "complete").exists():
                version = (folder / "app" / "VERSION").read_text(encoding="utf-8")
                return Image(folder.name, version.strip())
        raise instances.no_image(service, tag, [path.name for path in tags.glob("*")])

    def _program(self, instance: Instance) -> Program:
        image = self._home.images / instance.service / instance.image
        if not (image / "complete").exists():
            raise PlatformError(f"the image of {instance.name} is gone: {image}")
        return Program(
            name=instance.name,
            command=["./boot.sh"],
            directory=image / "app",
            environment=self._environment(instance, image),
            environment_file=instances.environment_file(self._home, instance.name),
            stop_seconds=instances.STOP_SECONDS,
        )

    def _environment(self, instance: Instance, image: Path) -> dict[str, str]:
        facts = read_env(image / "app" / "service.env")
        own = {
            "PATH": f"{image / 'venv' / 'bin'}:{SYSTEM_PATH}",
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        given = instances.environment(self._home, instance, facts)
        return base_environment() | own | given
