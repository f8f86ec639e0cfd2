"""The runtime "docker": what the platform keeps running, as containers."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

from mfplatform.runtime.base import ProcessState, Runtime
from mfplatform.runtime.docker import (
    deaths,
    engine,
    images,
    left_behind,
    parts,
    starter,
)
from mfplatform.runtime.docker.container import Container, Mount
from mfplatform.runtime.docker.storage import EngineStorage
from mfplatform.secrets_store import start
from mfplatform.state import (
    access,
    accounts,
    instances,
    membership,
    older_images,
    releases,
)
from mfplatform.state.home import PlatformError
from mfplatform.state.instances import Build, Image, Instance
from mfplatform.state.parts import PartSpec

# What the engine calls a state, and what everybody else does; others are "stopped".
STATES: dict[str, Literal["running", "starting"]] = {
    "running": "running",
    "restarting": "starting",
    "created": "starting",
}
# Where a container has what images from before the passwords need.
OLDER_IMAGES = "/run/older-images"
LOG_TAIL_LINES = 20
# The engine kills what has not stopped in time; it answers so much later at most.
ENGINE_TIMEOUT_SECONDS = 60
# An image may have to be pulled first.
RUN_TIMEOUT_SECONDS = 900


class Backend(EngineStorage, Runtime):
    """The containers of one platform."""

    noun = "Docker containers"
    boot_after = ("docker.service",)
    boot_variables = ("DOCKER_HOST",)

    def parts(self) -> Sequence[PartSpec]:
        """Return the parts that the platform has here."""
        return parts.specs()

    def is_running(self) -> bool:
        """Tell whether any of the platform's containers runs."""
        try:
            return any(one["State"]["Running"] for one in self._all().values())
        except engine.EngineError as error:
            if not (left := left_behind.names(self.home, self.parts())):
                raise
            raise engine.EngineError(
                f"{error}\nWhat it ran serves on, but is not brought back when it "
                f"dies: {', '.join(left)}"
            ) from error

    def begin(self) -> None:
        """Have the images of all parts."""
        self.home.logs.mkdir(mode=0o700, exist_ok=True)
        images.have_all(self.home, parts.IMAGES)

    def clear(self) -> None:
        """Remove what is left of the platform's containers."""
        left = [one["Id"] for one in self._all().values()]
        if left:
            engine.docker("rm", "--force", *left)

    def abandon(self) -> None:
        """Remove everything: the engine would go on starting what dies, for ever."""
        self.clear()

    def shut_down(self) -> None:
        """Remove all containers; otherwise the engine would start them one day."""
        self.clear()

    def start_part(self, part: PartSpec) -> bool:
        """Have a part running; False when it was already."""
        return self._ensure(parts.container(self.home, part))

    def start_instance(self, instance: Instance) -> bool:
        """Have an instance running; False when it was already."""
        return self._ensure(self._container(instance))

    def pid(self, name: str) -> int:
        """Return the process of a part or instance, 0 when it has none."""
        found = engine.inspect(self._full_name(name))
        return int(found[0]["State"]["Pid"]) if found else 0

    def states(self) -> dict[str, ProcessState]:
        """Return how each part and instance is."""
        known = self._all()
        found = {name: _state(one) for name, one in known.items()}
        deaths.complete(found, {name: one["Id"] for name, one in known.items()})
        return found

    def stop(self, names: Sequence[str], timeout_seconds: float) -> None:
        """Stop several side by side; kill those that have not within the time."""
        known = self._all()
        chosen = [known[name]["Id"] for name in names if name in known]
        if chosen:
            stop = ["stop", "--time", str(round(timeout_seconds))]
            longest = timeout_seconds + ENGINE_TIMEOUT_SECONDS
            engine.docker(*stop, *chosen, timeout_seconds=longest)

    def remove(self, name: str, timeout_seconds: float) -> None:
        """Stop one and forget it."""
        self.stop([name], timeout_seconds)
        done = engine.call("rm", "--force", self._full_name(name))
        if done.returncode and "no such container" not in done.stderr.lower():
            raise engine.EngineError(engine.explain(done.stderr))

    def log_tail(self, name: str) -> str:
        """Return the last lines that a part or an instance logged."""
        done = engine.call("logs", "--tail", str(LOG_TAIL_LINES), self._full_name(name))
        return "" if done.returncode else (done.stdout + done.stderr).strip()

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

    def _full_name(self, name: str) -> str:
        return f"microflack-{self.home.id}-{name}"

    def _all(self) -> dict[str, dict[str, Any]]:
        mark = f"label=microflack.platform={self.home.id}"
        listed = engine.docker("ps", "--all", "--quiet", "--filter", mark).split()
        prefix = self._full_name("")
        found = engine.inspect(*listed)
        return {one["Name"].lstrip("/").removeprefix(prefix): one for one in found}

    def _ensure(self, wanted: Container) -> bool:
        wanted.write_environment()
        digest = wanted.digest()
        found = engine.inspect(self._full_name(wanted.name))
        if found:
            same = found[0]["Config"]["Labels"].get("microflack.digest") == digest
            if same and (
                found[0]["State"]["Running"] or found[0]["State"]["Restarting"]
            ):
                return False
            self.remove(wanted.name, wanted.stop_seconds)
        self._run(wanted, digest)
        return True

    def _run(self, wanted: Container, digest: str) -> None:
        marks = {
            "microflack.platform": self.home.id,
            "microflack.home": str(self.home.path.resolve()),
            "microflack.digest": digest,
        }
        arguments = wanted.run(self._full_name(wanted.name), marks)
        try:
            engine.docker(*arguments, timeout_seconds=RUN_TIMEOUT_SECONDS)
        except PlatformError:
            # What could not be started would be there nevertheless.
            engine.call("rm", "--force", self._full_name(wanted.name))
            raise

    def _container(self, instance: Instance) -> Container:
        found = images.of_service(instance.service, instance.image)
        if found is None:
            raise no_image(instance)
        service_settings = images.labels(found)
        environment = instances.environment(self.home, instance, service_settings)
        mounts = []
        if not accounts.is_declared(service_settings):
            environment["PYTHONPATH"] = OLDER_IMAGES
            mounts = [
                Mount(older_images.folder(self.home), OLDER_IMAGES, readonly=True)
            ]
        command = images.command(found)
        if start.STORE in environment:
            mounts.append(starter.mount(self.home))
            command = [*starter.COMMAND, *command]
        return Container(
            name=instance.name,
            image=found["Id"],
            environment=environment,
            environment_file=instances.environment_file(self.home, instance.name),
            mounts=mounts,
            labels={"app": "microflack", "service": instance.service},
            command=command,
            secret=access.NAMES,
            stop_seconds=instances.STOP_TIMEOUT_SECONDS,
        )


def no_image(instance: Instance) -> PlatformError:
    """Return what to say when what an instance is made of is gone."""
    return PlatformError(
        f"the image of {instance.name} is gone: {instance.image}. "
        f"Build it with: mfbuild {instance.service}"
    )


def _state(found: dict[str, Any]) -> ProcessState:
    state = found["State"]
    return {
        **deaths.of(found),
        "restarts": found.get("RestartCount", 0),
        "state": STATES.get(state["Status"], "stopped"),
        "pid": state["Pid"] or None,
        "since": deaths.seconds(state["StartedAt"]) if state["Pid"] else None,
    }
