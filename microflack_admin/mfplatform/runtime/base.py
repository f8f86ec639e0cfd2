"""How instances run: what the commands ask of a runtime, and which one it is.

A runtime keeps the platform's parts and the instances alive. Everything else (settings,
secrets, databases, the registry, waiting) is common to all of them.
"""

from collections.abc import Callable, Sequence
from typing import Any, Protocol

from mfplatform.runtime.docker.runtime import Containers
from mfplatform.runtime.process.runtime import Processes
from mfplatform.state.home import Home, PlatformError
from mfplatform.state.instances import Image, Instance

WORDS = {"process": "plain processes", "docker": "Docker containers"}


class Part(Protocol):
    """A part of the platform, whatever it runs as."""

    @property
    def name(self) -> str:
        """Its name."""

    @property
    def port(self) -> str:
        """The setting with its port."""

    @property
    def answers(self) -> Callable[[Home], bool]:
        """What tells whether it works."""


class Runtime(Protocol):
    """Runs the parts and instances of one platform."""

    def parts(self) -> Sequence[Any]:
        """Return the parts that the platform has here (see Part)."""

    def is_running(self) -> bool:
        """Tell whether the platform was started and not stopped."""

    def begin(self) -> None:
        """Have what is needed before anything can be started."""

    def clear(self) -> None:
        """Stop what is left of a platform that does not run any more."""

    def abandon(self) -> None:
        """Tidy up after a start that failed."""

    def shut_down(self) -> None:
        """End all there is, when parts and instances have been stopped."""

    def start_part(self, part: Any) -> bool:
        """Have a part running; False when it was already."""

    def start_instance(self, instance: Instance) -> bool:
        """Have an instance running; False when it was already."""

    def pid(self, name: str) -> int:
        """Return the process of a part or instance, 0 when it has none."""

    def states(self) -> dict[str, dict[str, Any]]:
        """Return state, pid and since of all parts and instances, by name."""

    def stop(self, names: Sequence[str], patience: float) -> None:
        """Stop several side by side; kill those that have not after a while."""

    def remove(self, name: str, patience: float) -> None:
        """Stop one and forget it."""

    def log_tail(self, name: str) -> str:
        """Return the last lines that a part or an instance logged."""

    def image(self, service: str, tag: str) -> Image:
        """Return a service's image, by one of its tags or its id."""


def of(home: Home, name: str | None = None) -> Runtime:
    """Return the runtime that a platform was started with."""
    known: dict[str, Callable[[Home], Runtime]]
    known = {"process": Processes, "docker": Containers}
    name = name or home.runtime
    if name not in known:
        raise PlatformError(f"there is no runtime '{name}'. Known: {' '.join(known)}")
    return known[name](home)
