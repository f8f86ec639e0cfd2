"""What the caretaker does: each is what a person would do with an mf* command."""

from dataclasses import dataclass


@dataclass(frozen=True)
class StartInstances:
    """Start so many more of what serves now."""

    service: str
    number: int
    why: str

    @property
    def command(self) -> str:
        """Return how a person would do it."""
        return "; ".join([f"mfrun {self.service}"] * self.number)


@dataclass(frozen=True)
class StopInstance:
    """Drain an instance and stop it."""

    service: str
    name: str
    why: str

    @property
    def command(self) -> str:
        """Return how a person would do it."""
        return f"mfkill {self.name}"


@dataclass(frozen=True)
class Recycle:
    """Start another instance like one, and stop that one once the other serves.

    :param silent_seconds: one that still answers within that time is not stopped.
    """

    service: str
    name: str
    why: str
    silent_seconds: float = 0.0

    @property
    def command(self) -> str:
        """Return how a person would do it."""
        return f"mfrun {self.service}; mfkill {self.name}"


@dataclass(frozen=True)
class RollBack:
    """Return to the release before."""

    service: str
    why: str

    @property
    def command(self) -> str:
        """Return how a person would do it."""
        return f"mfupgrade rollback {self.service}"


@dataclass(frozen=True)
class Scale:
    """Have so many instances of a service whose number follows its load."""

    service: str
    number: int
    why: str

    @property
    def command(self) -> str:
        """Return how a person would do it."""
        return f"mfscale {self.service} {self.number}"


Action = StartInstances | StopInstance | Recycle | RollBack | Scale
