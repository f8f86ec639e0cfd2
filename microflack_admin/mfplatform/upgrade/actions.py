"""The steps that an upgrade is made of, and how long it waits for them."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """How long an upgrade waits, in seconds."""

    # The first new instance is watched so long before an old one is stopped.
    watch_seconds: float = 3.0
    # A new instance has to be ready within so long.
    ready_seconds: float = 60.0


@dataclass(frozen=True)
class StartInstance:
    """Start an instance, with the settings of the instance ``like``, if any."""

    image: str
    version: str
    like: str | None


@dataclass(frozen=True)
class StopInstance:
    """Drain an instance and stop it."""

    name: str


@dataclass(frozen=True)
class Undo:
    """The new version is not good: go back, for this reason."""

    reason: str
    # The instance whose log may tell more.
    name: str


@dataclass(frozen=True)
class Wait:
    """Nothing can be done before this has happened."""

    event: str


@dataclass(frozen=True)
class Done:
    """Nothing is left to do."""


Action = StartInstance | StopInstance | Undo | Wait | Done
