"""The parts that are processes beside the containers, on the host itself.

The caretaker and the page for operators do what commands do, with all that they have:
the engine, MF_HOME, a shell for MF_HOOK. In a container they would need the engine's
socket, by which they could do anything to the machine, and their processes, which hold
locks, would not be seen. Prometheus is the one that Debian packages, as elsewhere.
The supervisor of the runtime "process" keeps them, and is there as long as one is.
"""

from collections.abc import Sequence

from mfplatform.runtime.base import ProcessState
from mfplatform.runtime.handling import Handling
from mfplatform.runtime.process.runtime import Backend as Processes
from mfplatform.state import care, metrics, status_page
from mfplatform.state.home import Home
from mfplatform.state.parts import PartSpec

NAMES = (care.PART, status_page.PART, metrics.PART)


class HostParts(Handling):
    """Those parts of one platform; calls are as those of a runtime."""

    def __init__(self, home: Home) -> None:
        self._processes = Processes(home)

    def start(self, part: PartSpec) -> bool:
        """Have a part running; False when it was already."""
        self._processes.begin()
        return self._processes.start_part(part)

    def pid(self, name: str) -> int:
        """Return the process of a part, 0 when it has none."""
        return self._processes.pid(name) if self._processes.is_running() else 0

    def states(self) -> dict[str, ProcessState]:
        """Return how each part is."""
        return self._processes.states() if self._processes.is_running() else {}

    def stop(self, names: Sequence[str], timeout_seconds: float) -> None:
        """Stop those of the names that are parts here."""
        own = [name for name in names if name in NAMES]
        if own and self._processes.is_running():
            self._processes.stop(own, timeout_seconds)

    def remove(self, name: str, timeout_seconds: float) -> None:
        """Stop a part and forget it, and with the last one what kept them."""
        if self._processes.is_running():
            self._processes.remove(name, timeout_seconds)
        if not self.states():
            self.clear()

    def log_tail(self, name: str) -> str:
        """Return the last lines that a part logged."""
        return self._processes.log_tail(name)

    def clear(self) -> None:
        """End all of them, and what keeps them, whether that answers or not."""
        self._processes.clear()
