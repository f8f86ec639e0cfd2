"""The runtime "swarm": instances as services of a swarm, parts on this manager."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from mfplatform.runtime.base import ProcessState
from mfplatform.runtime.docker import containers, engine, images
from mfplatform.runtime.docker import runtime as docker
from mfplatform.runtime.docker.host_parts import HostParts
from mfplatform.runtime.swarm import (
    api,
    hosts,
    instance_service,
    parts,
    pushing,
    store,
    tasks,
)
from mfplatform.runtime.swarm.redundant import choose
from mfplatform.runtime.swarm.redundant.members import Members
from mfplatform.runtime.swarm.task_containers import TaskContainers
from mfplatform.state import redundancy
from mfplatform.state.home import Home
from mfplatform.state.instances import STOP_TIMEOUT_SECONDS, Instance
from mfplatform.state.parts import PartSpec

PLATFORM = "microflack.platform"
# Beyond the time that an instance has to stop, until its host has told so.
TOLD_SECONDS = 60
STOPPED = ProcessState(state="stopped", pid=None, since=None)


class Backend(docker.Backend):
    """The services of one platform, and the containers of its parts."""

    noun = "services of a Docker swarm"
    can_be_redundant = True

    def __init__(self, home: Home) -> None:
        super().__init__(home)
        self._tasks = TaskContainers(home, self._task)
        # Before a first start nothing is recorded.
        self._asked: dict[str, str] = {}
        labels = {PLATFORM: home.id, "microflack.home": str(home.path.resolve())}
        self._members = Members(home, self._containers.full_name(""), labels)

    def parts(self) -> Sequence[PartSpec]:
        """Return the parts that the platform has here."""
        return parts.specs(self._settings)

    def asked(self, environ: Mapping[str, str]) -> dict[str, str]:
        """Return the registry of images that mfup was told, and whether redundant."""
        self._asked = pushing.asked(environ) | choose.asked(self.home, environ)
        return self._asked

    def host(self) -> str:
        """Return this manager's address, which all hosts of the swarm reach.

        :raises PlatformError: there is no swarm that a platform can start on.
        """
        own = hosts.check_manager()["NodeAddr"]
        hosts.check_healthy(hosts.nodes())
        return str(own)

    def host_of(self, name: str) -> str:
        """Return the address of the host that an instance runs on."""
        task = self._task(name) or {}
        known = {one["ID"]: hosts.address(one) for one in api.listed("nodes")}
        return known.get(task.get("NodeID", ""), self.home.host)

    def begin(self) -> None:
        """Have the images of all parts."""
        hosts.nodes()
        pushing.check(self.home)
        self.home.logs.mkdir(mode=0o700, exist_ok=True)
        images.have_all(self.home, parts.images_of(self._settings))

    def clear(self) -> None:
        """Remove what is left: containers, services, and what those were given."""
        super().clear()
        self._remove_services(list(self._services().values()))

    def start_part(self, part: PartSpec) -> bool:
        """Have a part running; False when it was already."""
        if redundancy.is_on(self._settings) and part.name not in parts.ONCE:
            return self._members.start(part, self._services().get(part.name))
        return self._containers.ensure(parts.container(self.home, part))

    def start_instance(self, instance: Instance) -> bool:
        """Have an instance running; False when it was already."""
        found = self._services().get(instance.name)
        name = self._containers.full_name(instance.name)
        wanted = instance_service.describe(self.home, instance, name, PLATFORM)
        if found and not store.differs(found, wanted):
            return False
        before = [one["ID"] for one in tasks.of(wanted.name)] if found else []
        store.have(wanted, found)
        tasks.wait_running(wanted.name, before)
        return True

    def pid(self, name: str) -> int:
        """Return the process of a part or instance on its host, 0 when it has none."""
        if self._is_part(name):
            return super().pid(name)
        return tasks.pid(self._task(name))

    def states(self) -> dict[str, ProcessState]:
        """Return how each part and instance is."""
        running = tasks.of_platform(self._label)
        own = {
            name: _state(running.get(one["ID"]))
            for name, one in self._services().items()
        }
        return super().states() | own

    def stop(self, names: Sequence[str], timeout_seconds: float) -> None:
        """Stop several side by side; the swarm kills those that do not stop."""
        super().stop([one for one in names if self._is_part(one)], timeout_seconds)
        services = self._services()
        chosen = [services[name] for name in names if name in services]
        # One that is on each host cannot be made none: it goes with all the rest.
        chosen = [one for one in chosen if "Replicated" in one["Spec"]["Mode"]]
        for one in chosen:
            spec = {**one["Spec"], "Mode": {"Replicated": {"Replicas": 0}}}
            store.change(one, spec)
        self._wait_ended(chosen)

    def remove(self, name: str, timeout_seconds: float) -> None:
        """Stop one and forget it."""
        if self._is_part(name):
            super().remove(name, timeout_seconds)
        elif (found := self._services().get(name)) is not None:
            self._remove_services([found])

    def log_tail(self, name: str) -> str:
        """Return the last lines that a part or an instance logged."""
        if self._is_part(name):
            return super().log_tail(name)
        words = ["--raw", "--no-trunc", "--tail", str(containers.LOG_TAIL_LINES)]
        with suppress(engine.EngineError):
            done = engine.call(
                "service", "logs", *words, self._containers.full_name(name)
            )
            if not done.returncode:
                return (done.stdout + done.stderr).strip()
        return ""

    @property
    def _settings(self) -> Mapping[str, str]:
        return self.home.settings | self._asked

    @property
    def _label(self) -> str:
        return f"{PLATFORM}={self.home.id}"

    def _is_part(self, name: str) -> bool:
        """Tell whether it is a container of this manager."""
        if redundancy.is_on(self._settings):
            return name in parts.ONCE
        return name in {one.name for one in self.parts()}

    def _place(self, name: str) -> containers.Containers | HostParts:
        return super()._place(name) if self._is_part(name) else self._tasks

    def _services(self) -> dict[str, dict[str, Any]]:
        """Return what the swarm has of the platform, by the names of instances."""
        prefix = self._containers.full_name("")
        found = api.listed("services", label=self._label)
        return {one["Spec"]["Name"].removeprefix(prefix): one for one in found}

    def _task(self, name: str) -> tasks.Task | None:
        found = self._services().get(name)
        return tasks.of_platform(self._label).get(found["ID"]) if found else None

    def _remove_services(self, chosen: Sequence[dict[str, Any]]) -> None:
        for one in chosen:
            api.remove(f"services/{one['ID']}")
        self._wait_ended(chosen)
        for one in chosen:
            store.forget_unused(f"{store.INSTANCE}={one['Spec']['Name']}")

    def _wait_ended(self, chosen: Sequence[dict[str, Any]]) -> None:
        if chosen:
            ids = [one["ID"] for one in chosen]
            longest = STOP_TIMEOUT_SECONDS + TOLD_SECONDS
            tasks.wait_ended(ids, self._label, longest)


def _state(task: tasks.Task | None) -> ProcessState:
    if task is None or task["Status"]["State"] in tasks.ENDED:
        return STOPPED
    if not tasks.pid(task):
        return {**STOPPED, "state": "starting"}
    return {"state": "running", "pid": tasks.pid(task), "since": tasks.since(task)}
