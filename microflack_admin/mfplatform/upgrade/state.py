"""What is known of an upgrade: what the registry keeps of it, and what is observed."""

import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from mfplatform.upgrade.compare import Counts, total
from mfplatform.upgrade.way import Stop

Mode = Literal["trial", "roll", "undo"]
NO_COUNTS = Counts()


@dataclass(frozen=True)
class ObservedInstance:
    """One instance, as the runtime lists it."""

    name: str
    image: str
    version: str
    state: str = "running"
    pid: int | None = None
    runs_beside: str = ""
    settings: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def from_listing(cls, listed: Mapping[str, Any]) -> "ObservedInstance":
        """Read one entry of the runtime's list."""
        known = ("name", "image", "version", "runs_beside", "state", "pid")
        return cls(
            **{name: listed[name] for name in known},
            settings=listed.get("settings") or {},
        )


@dataclass(frozen=True)
class OldInstance:
    """An instance that is to be replaced, and what it did before and since."""

    name: str
    image: str
    version: str
    counts_before: Counts = NO_COUNTS
    # Known once it is stopped.
    counts_while_upgrading: Counts = NO_COUNTS

    @classmethod
    def from_stored(cls, stored: dict[str, Any]) -> "OldInstance":
        """Return what ``stored`` made."""
        return cls(
            name=stored["name"],
            image=stored["image"],
            version=stored["version"],
            counts_before=Counts.from_stored(stored["before"]),
            counts_while_upgrading=Counts.from_stored(stored["did"]),
        )

    def stored(self) -> dict[str, Any]:
        """Return it as it is kept in the registry."""
        return {
            "name": self.name,
            "image": self.image,
            "version": self.version,
            "before": self.counts_before.stored(),
            "did": self.counts_while_upgrading.stored(),
        }


@dataclass(frozen=True)
class Upgrade:
    """An upgrade under way; this is all that another shell needs to take it over."""

    service: str
    # What a person asked for: try, roll or rollback; abort on the whole way back.
    command: str
    mode: Mode
    tag: str
    image: str
    version: str
    old: tuple[OldInstance, ...]
    # Those that ran the new image before.
    kept: tuple[str, ...]
    by: str
    since: float
    # The step under way, for people.
    doing: str = ""
    # Why it is undone; empty if somebody wished so.
    reason: str = ""
    # Where it leads to afterwards, and over what it came: this is one part of it then.
    ahead: tuple[Stop, ...] = ()
    behind: tuple[Stop, ...] = ()

    @property
    def title(self) -> str:
        """Return service and versions, and the images of one that has no new number."""
        if self.old_version == self.version:
            old, new = self.old[0].image[:12], self.image[:12]
            return f"{self.service} {self.version} ({old}) -> {self.version} ({new})"
        return f"{self.service} {self.old_version} -> {self.version}"

    @property
    def start(self) -> Stop:
        """Return what is replaced."""
        return Stop(self.old[0].image, self.old_version)

    @property
    def origin(self) -> Stop:
        """Return what ran before all of it."""
        return self.behind[0] if self.behind else self.start

    @property
    def goal(self) -> Stop:
        """Return what is to run in the end."""
        return self.ahead[-1] if self.ahead else Stop(self.image, self.version)

    @property
    def old_version(self) -> str:
        """Return the version that is replaced."""
        return ", ".join(dict.fromkeys(one.version for one in self.old))

    @classmethod
    def from_stored(cls, stored: dict[str, Any]) -> "Upgrade":
        """Return what ``stored`` made."""
        old = tuple(OldInstance.from_stored(one) for one in stored["old"])
        found = {"old": old, "kept": tuple(stored["kept"])}
        for name in ("ahead", "behind"):
            found[name] = tuple(Stop(*stop) for stop in stored.get(name, ()))
        return cls(**stored | found)

    def stored(self) -> dict[str, Any]:
        """Return it as it is kept in the registry."""
        return asdict(self) | {"old": [one.stored() for one in self.old]}


@dataclass(frozen=True)
class Observation:
    """The instances of a service at one moment, and what is remembered of them.

    Times are seconds of the monotonic clock; all mappings are by an instance's name.
    """

    instances: tuple[ObservedInstance, ...]
    # What the load balancer does with each: ready, down or draining.
    routed: Mapping[str, str]
    # HAProxy's counts of each, since it counts.
    counts: Mapping[str, Counts] = field(default_factory=dict)
    first_seen: Mapping[str, float] = field(default_factory=dict)
    ready_since: Mapping[str, float] = field(default_factory=dict)
    last_ready: Mapping[str, float] = field(default_factory=dict)
    # The process of each when it was ready for the first time.
    ready_pids: Mapping[str, int | None] = field(default_factory=dict)

    def is_ready(self, name: str) -> bool:
        """Say whether the load balancer sends requests to an instance."""
        return self.routed.get(name) == "ready"


def remaining_old(upgrade: Upgrade, seen: Observation) -> list[ObservedInstance]:
    """Return the old instances that still run."""
    names = [one.name for one in upgrade.old]
    return [one for one in seen.instances if one.name in names]


def new_instances(upgrade: Upgrade, seen: Observation) -> list[ObservedInstance]:
    """Return the instances that this upgrade has started."""
    return [
        one
        for one in seen.instances
        if one.image == upgrade.image and one.name not in upgrade.kept
    ]


def restored_instances(upgrade: Upgrade, seen: Observation) -> list[ObservedInstance]:
    """Return the instances of the old version that an undone upgrade has started."""
    names = {one.name for one in upgrade.old}
    images = {one.image for one in upgrade.old}
    return [i for i in seen.instances if i.image in images and i.name not in names]


def old_counts(upgrade: Upgrade, seen: Observation) -> Counts:
    """Return what the old version did since the upgrade began."""
    running = (
        seen.counts[one.name].since(one.counts_before)
        for one in upgrade.old
        if one.name in seen.counts
    )
    return total([*running, *(one.counts_while_upgrading for one in upgrade.old)])


def new_counts(upgrade: Upgrade, seen: Observation) -> Counts:
    """Return what the new version did."""
    names = [one.name for one in new_instances(upgrade, seen)]
    return total(seen.counts[name] for name in names if name in seen.counts)


def format_time(seconds: float) -> str:
    """Return a time as people read it; ``seconds`` since 1970."""
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(seconds))
