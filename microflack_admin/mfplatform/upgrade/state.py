"""What is known of an upgrade under way: what the registry keeps, and what is seen."""

import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from mfplatform.upgrade.compare import Counts, total

Mode = Literal["trial", "roll", "undo"]
NOTHING = Counts()


@dataclass(frozen=True)
class Instance:
    """One instance, as the runtime lists it."""

    name: str
    image: str
    version: str
    state: str = "running"
    pid: int | None = None
    settings: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, listed: Mapping[str, Any]) -> "Instance":
        """Read one of the runtime's list."""
        known = ("name", "image", "version", "state", "pid")
        return cls(
            **{name: listed[name] for name in known},
            settings=listed.get("settings") or {},
        )


@dataclass(frozen=True)
class Old:
    """An instance that is to be replaced, and what it had done when that began."""

    name: str
    image: str
    version: str
    before: Counts = NOTHING
    # What it did during the upgrade, once it is stopped.
    did: Counts = NOTHING


@dataclass(frozen=True)
class Upgrade:
    """An upgrade under way; this is all that another shell needs to take it over."""

    service: str
    # What a person asked for: try, roll or rollback.
    command: str
    mode: Mode
    tag: str
    image: str
    version: str
    old: tuple[Old, ...]
    # Those that ran the new image before.
    kept: tuple[str, ...]
    by: str
    since: float
    # What is being done, for people.
    doing: str = ""
    # Why it is undone; empty if somebody wished so.
    reason: str = ""

    @property
    def title(self) -> str:
        """Return service and versions, and the images of one that has no new number."""
        if self.before == self.version:
            old, new_ = self.old[0].image[:12], self.image[:12]
            return f"{self.service} {self.version} ({old}) -> {self.version} ({new_})"
        return f"{self.service} {self.before} -> {self.version}"

    @property
    def before(self) -> str:
        """Return the version that is replaced."""
        return ", ".join(dict.fromkeys(one.version for one in self.old))

    def stored(self) -> dict[str, Any]:
        """Return it as it is kept in the registry."""
        return asdict(self)

    @classmethod
    def of(cls, stored: dict[str, Any]) -> "Upgrade":
        """Return what ``stored`` made."""
        old = tuple(
            Old(
                **one
                | {"before": Counts.of(one["before"]), "did": Counts.of(one["did"])}
            )
            for one in stored["old"]
        )
        return cls(**stored | {"old": old, "kept": tuple(stored["kept"])})


@dataclass(frozen=True)
class Seen:
    """One look at the instances of the service, and at what is remembered of them."""

    instances: tuple[Instance, ...]
    # What the load balancer does with each: ready, down or draining.
    routed: Mapping[str, str]
    # HAProxy's counts of each, since it counts.
    counts: Mapping[str, Counts] = field(default_factory=dict)
    # When each was first seen, first seen ready, and last seen ready.
    first: Mapping[str, float] = field(default_factory=dict)
    ready: Mapping[str, float] = field(default_factory=dict)
    last: Mapping[str, float] = field(default_factory=dict)
    # The process of each when it was first seen ready.
    pids: Mapping[str, int | None] = field(default_factory=dict)

    def serves(self, name: str) -> bool:
        """Say whether the load balancer sends requests to an instance."""
        return self.routed.get(name) == "ready"


def old_left(upgrade: Upgrade, seen: Seen) -> list[Instance]:
    """Return the old instances that still run."""
    names = [one.name for one in upgrade.old]
    return [one for one in seen.instances if one.name in names]


def new(upgrade: Upgrade, seen: Seen) -> list[Instance]:
    """Return the instances that this upgrade has started."""
    return [
        one
        for one in seen.instances
        if one.image == upgrade.image and one.name not in upgrade.kept
    ]


def restored(upgrade: Upgrade, seen: Seen) -> list[Instance]:
    """Return the instances that took the place of old ones again."""
    old = {one.name for one in upgrade.old}
    images = {one.image for one in upgrade.old}
    return [i for i in seen.instances if i.image in images and i.name not in old]


def old_counts(upgrade: Upgrade, seen: Seen) -> Counts:
    """Return what the old version did since the upgrade began."""
    running = (
        seen.counts[one.name].since(one.before)
        for one in upgrade.old
        if one.name in seen.counts
    )
    return total([*running, *(one.did for one in upgrade.old)])


def new_counts(upgrade: Upgrade, seen: Seen) -> Counts:
    """Return what the new version did."""
    names = [one.name for one in new(upgrade, seen)]
    return total(seen.counts[name] for name in names if name in seen.counts)


def clock(seconds: float) -> str:
    """Return a time as people read it."""
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(seconds))
