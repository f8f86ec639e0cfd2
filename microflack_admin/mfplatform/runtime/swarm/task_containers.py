"""The containers of instances on this host, and what can befall these.

No engine of a swarm tells or does anything of that on another host.
"""

from collections.abc import Callable

from mfplatform.runtime.docker.containers import Containers
from mfplatform.runtime.docker.engine import EngineError
from mfplatform.runtime.handling import MemoryUse
from mfplatform.runtime.swarm import hosts
from mfplatform.runtime.swarm.tasks import Task
from mfplatform.state.home import Home


class TaskContainers(Containers):
    """Those containers, by the names of instances.

    :param find: returns the task of an instance, None if it has none.
    """

    def __init__(self, home: Home, find: Callable[[str], Task | None]) -> None:
        super().__init__(home)
        self._find = find

    def full_name(self, name: str) -> str:
        """Return the id of an instance's container; a name that none has without one.

        :raises EngineError: it runs on another host.
        """
        task = self._find(name)
        if task is None or not (own := _container(task)):
            return super().full_name(name)
        if _is_elsewhere(task):
            raise EngineError(
                f"{name} runs on another host of the swarm, where nothing can be done "
                "to it from here. See on which: mfstatus"
            )
        return own

    def memory(self, name: str) -> MemoryUse:
        """Return what memory an instance takes on this host."""
        task = self._find(name)
        if task is not None and _is_elsewhere(task):
            return MemoryUse(0)
        return super().memory(name)


def _container(task: Task) -> str:
    return str((task["Status"].get("ContainerStatus") or {}).get("ContainerID", ""))


def _is_elsewhere(task: Task) -> bool:
    return bool(task.get("NodeID", "") != hosts.check_manager()["NodeID"])
