"""The runtime "docker": what the platform keeps running, as containers."""

from collections.abc import Sequence
from pathlib import Path

from mfplatform.runtime.base import ProcessState, Runtime
from mfplatform.runtime.docker import (
    engine,
    images,
    instance_container,
    left_behind,
    parts,
)
from mfplatform.runtime.docker.containers import Containers
from mfplatform.runtime.docker.host_parts import NAMES, HostParts
from mfplatform.runtime.docker.storage import EngineStorage
from mfplatform.runtime.handling import MemoryUse
from mfplatform.state import instances, membership, releases
from mfplatform.state.home import Home
from mfplatform.state.instances import Build, Image, Instance
from mfplatform.state.parts import PartSpec


class Backend(EngineStorage, Runtime):
    """The containers of one platform, and what runs beside them."""

    noun = "Docker containers"
    boot_after = ("docker.service",)
    variables = ("DOCKER_HOST",)

    def __init__(self, home: Home) -> None:
        super().__init__(home)
        self._containers = Containers(home)
        self._host = HostParts(home)

    def parts(self) -> Sequence[PartSpec]:
        """Return the parts that the platform has here."""
        return parts.specs()

    def is_running(self) -> bool:
        """Tell whether any of the platform's containers runs."""
        try:
            known = self._containers.all().values()
        except engine.EngineError as error:
            contained = [one for one in self.parts() if one.name not in NAMES]
            if not (left := left_behind.names(self.home, contained)):
                raise
            raise engine.EngineError(
                f"{error}\nWhat it ran serves on, but is not brought back when it "
                f"dies: {', '.join(left)}"
            ) from error
        return any(one["State"]["Running"] for one in known)

    def begin(self) -> None:
        """Have the images of all parts."""
        self.home.logs.mkdir(mode=0o700, exist_ok=True)
        images.have_all(self.home, parts.IMAGES)

    def clear(self) -> None:
        """Remove what is left of the platform's containers, and of what is beside."""
        self._host.clear()
        self._containers.clear()

    def abandon(self) -> None:
        """Remove everything: the engine would go on starting what dies, for ever."""
        self.clear()

    def shut_down(self) -> None:
        """Remove all containers; otherwise the engine would start them one day."""
        self.clear()

    def start_part(self, part: PartSpec) -> bool:
        """Have a part running; False when it was already."""
        if part.name in NAMES:
            return self._host.start(part)
        return self._containers.ensure(parts.container(self.home, part))

    def start_instance(self, instance: Instance) -> bool:
        """Have an instance running; False when it was already."""
        wanted = instance_container.describe(self.home, instance)
        return self._containers.ensure(wanted)

    def pid(self, name: str) -> int:
        """Return the process of a part or instance, 0 when it has none."""
        return self._place(name).pid(name)

    def states(self) -> dict[str, ProcessState]:
        """Return how each part and instance is."""
        return self._containers.states() | self._host.states()

    def memory(self, name: str) -> MemoryUse:
        """Return what memory a part or an instance takes."""
        return self._place(name).memory(name)

    def kill(self, name: str) -> None:
        """End all of one at once, as when it crashes: it is started again as ever."""
        self._place(name).kill(name)

    def freeze(self, name: str) -> None:
        """Have all of one stand still until ``thaw``."""
        self._place(name).freeze(name)

    def thaw(self, name: str) -> None:
        """Have one go on that stands still."""
        self._place(name).thaw(name)

    def stop(self, names: Sequence[str], timeout_seconds: float) -> None:
        """Stop several side by side; kill those that have not within the time."""
        self._host.stop(names, timeout_seconds)
        self._containers.stop(names, timeout_seconds)

    def remove(self, name: str, timeout_seconds: float) -> None:
        """Stop one and forget it."""
        self._place(name).remove(name, timeout_seconds)

    def log_tail(self, name: str) -> str:
        """Return the last lines that a part or an instance logged."""
        return self._place(name).log_tail(name)

    def build(self, service: str, source: Path, tags: Sequence[str]) -> Build:
        """Have an image of a folder of source code, and give it these tags."""
        return images.build(self.home, service, source, tags)

    def image(self, service: str, tag: str) -> Image:
        """Return a service's image, by one of its tags or its id."""
        found = images.of_service(service, tag)
        if found is None:
            raise instances.no_image(service, tag, engine.tags(images.name(service)))
        told = images.labels(found)
        return Image(
            id=images.short_id(found),
            version=told.get("version", ""),
            runs_beside=told.get(releases.KEY, ""),
            knows_access=told.get(membership.KNOWN) == "yes",
        )

    def _place(self, name: str) -> Containers | HostParts:
        return self._host if name in NAMES else self._containers
