"""What the caretaker sees: instances, what is wrong with them, and since when."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from mfplatform.caretaker.scaling import Load


class Symptom(StrEnum):
    """What can be wrong, in words that follow the name of an instance or a service."""

    CRASHES = "dies again and again"
    STOPPED = "has no process"
    SILENT = "gives no answer"
    SWOLLEN = "takes too much memory"
    MISSING = "has fewer instances than are wanted"
    SURPLUS = "has more instances than are wanted"


# An instance or a service, and what is wrong with it.
Finding = tuple[str, Symptom]


@dataclass(frozen=True)
class SeenInstance:
    """One instance at one moment.

    :param is_ready: whether the load balancer sends requests to it.
    :param answers: whether it answers at all.
    :param created: when it was first started, in Unix seconds.
    """

    name: str
    image: str
    is_ready: bool = True
    answers: bool = True
    created: float = 0.0


@dataclass(frozen=True)
class Rolled:
    """The last upgrade of a service: to which image, and when it was complete."""

    image: str
    at: float


@dataclass(frozen=True)
class Past:
    """Something that a caretaker did: the kind of action, when, and how it ended."""

    service: str
    kind: str
    at: float
    failed: bool = False


@dataclass(frozen=True)
class Seen:
    """All services for which instances are wanted; times are of one monotonic clock.

    :param since: when each thing that is wrong now began.
    :param hands_off: services that somebody else is at, and who.
    :param rolled: the last upgrade of each service, if it was a roll.
    :param loads: what those have to bear whose number follows their load.
    """

    instances: Mapping[str, tuple[SeenInstance, ...]]
    since: Mapping[Finding, float] = field(default_factory=dict)
    hands_off: Mapping[str, str] = field(default_factory=dict)
    rolled: Mapping[str, Rolled] = field(default_factory=dict)
    past: tuple[Past, ...] = ()
    loads: Mapping[str, Load] = field(default_factory=dict)
