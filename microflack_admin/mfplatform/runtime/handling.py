"""What those ask of a runtime who look after what it runs, or try what that survives.

A runtime whose processes are of this machine and of this user takes these calls as they
stand. They are as those of ``base.Runtime`` otherwise.
"""

import signal
from abc import ABC, abstractmethod
from dataclasses import dataclass

from mfplatform.state import memory, process_tree


@dataclass(frozen=True)
class MemoryUse:
    """The memory of a part or an instance, with all that it has started.

    :param used: bytes of this host; 0 when it has no process here.
    :param most: the bytes at which it is killed; 0 where it has no such limit.
    """

    used: int
    most: int = 0


class Handling(ABC):
    """What can be measured of one part or instance, and what can befall it.

    What runs on another host may be out of reach: PlatformError says so.
    """

    @abstractmethod
    def pid(self, name: str) -> int:
        """Return the process of a part or instance, 0 when it has none.

        It changes when what died was started again.
        """

    def memory(self, name: str) -> MemoryUse:
        """Return what memory of this host a part or an instance takes."""
        return MemoryUse(memory.of_tree(self.pid(name)))

    def kill(self, name: str) -> None:
        """End all of one at once, as when it crashes: it is started again as ever.

        One that has no process is no error.
        """
        self._signal(name, signal.SIGKILL)

    def freeze(self, name: str) -> None:
        """Have all of one stand still until ``thaw``; it counts as running.

        It can be stopped and removed meanwhile as any other. One that has no process,
        or stands still, is no error.
        """
        self._signal(name, signal.SIGSTOP)

    def thaw(self, name: str) -> None:
        """Have one go on that stands still; any other is no error."""
        self._signal(name, signal.SIGCONT)

    def _signal(self, name: str, number: signal.Signals) -> None:
        process_tree.send(self.pid(name), number)
