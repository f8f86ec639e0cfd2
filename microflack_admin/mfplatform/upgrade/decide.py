"""Decide the next step of an upgrade from what is to be and what is seen.

Nothing is remembered of the steps already taken: where an upgrade stands can be seen
from the instances that run. So whoever takes it over goes on where it was left.
"""

from dataclasses import dataclass

from mfplatform.upgrade import compare
from mfplatform.upgrade.state import (
    Instance,
    Old,
    Seen,
    Upgrade,
    new,
    new_counts,
    old_counts,
    old_left,
    restored,
)

# Each instance after the first is of a version that has proved itself.
WATCH_LATER = 1.0
# A doubtful version is watched so many times as long.
DOUBTFUL = 5
# Seconds that HAProxy may find an instance ill before that counts.
DOWN = 3.0
# One that nobody is starting any more stays stopped for so long.
LEFT_BEHIND = 10.0


@dataclass(frozen=True)
class Limits:
    """How patient an upgrade is, in seconds."""

    # How long the first new instance is watched before an old one is stopped.
    watch: float = 3.0
    # A new instance has to be ready within so long.
    within: float = 60.0


@dataclass(frozen=True)
class Start:
    """Start an instance, with the settings of another."""

    image: str
    version: str
    like: str | None


@dataclass(frozen=True)
class Stop:
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

    what: str


@dataclass(frozen=True)
class Done:
    """Nothing is left to do."""


Action = Start | Stop | Undo | Wait | Done


def decide(upgrade: Upgrade, seen: Seen, now: float, limits: Limits) -> Action:
    """Return the next step."""
    if upgrade.mode == "undo":
        return _undo(upgrade, seen, now, limits)
    ours = new(upgrade, seen)
    for one in ours:
        if _is_left_behind(one, seen, now):
            return Stop(one.name)
        if reason := _illness(one, seen, now, limits):
            return Undo(reason, one.name)
    if ours and (waiting := _not_yet(upgrade, seen, now, limits)):
        return waiting
    return _trial(upgrade, ours) if upgrade.mode == "trial" else _roll(upgrade, seen)


def _trial(upgrade: Upgrade, ours: list[Instance]) -> Action:
    like = upgrade.old[0].name
    return Done() if ours else Start(upgrade.image, upgrade.version, like)


def _roll(upgrade: Upgrade, seen: Seen) -> Action:
    ours, left = new(upgrade, seen), old_left(upgrade, seen)
    if len(ours) + len(left) > len(upgrade.old):
        return Stop((left or ours[::-1])[0].name)
    if len(ours) < len(upgrade.old):
        like = next((one.name for one in (*left, *ours)), None)
        return Start(upgrade.image, upgrade.version, like)
    return Done()


def _undo(upgrade: Upgrade, seen: Seen, now: float, limits: Limits) -> Action:
    ours, back = new(upgrade, seen), restored(upgrade, seen)
    for one in back:
        if _is_left_behind(one, seen, now):
            return Stop(one.name)
    missing = _missing(upgrade, seen)
    olds = [one.name for one in (*old_left(upgrade, seen), *back)]
    good = [name for name in olds if seen.serves(name)]
    # One that does not serve may be starting, or just be stopped by a predecessor.
    late = now - limits.within
    waiting = [n for n in olds if n not in good and seen.first.get(n, now) > late]
    # What fails is worse than what is missing, unless nothing else is there.
    if ours and ((upgrade.reason and good) or not (missing or waiting)):
        return Stop(ours[-1].name)
    if missing:
        like = ours[0].name if ours else None
        return Start(missing[0].image, missing[0].version, like)
    return Wait(f"{waiting[0]} to be ready") if waiting else Done()


def _missing(upgrade: Upgrade, seen: Seen) -> list[Old]:
    """Return the old instances that have been replaced and not come back."""
    left = {one.name for one in old_left(upgrade, seen)}
    images = [one.image for one in restored(upgrade, seen)]
    missing = []
    for one in upgrade.old:
        if one.name in left:
            continue
        if one.image in images:
            images.remove(one.image)
        else:
            missing.append(one)
    return missing


def _is_left_behind(one: Instance, seen: Seen, now: float) -> bool:
    idle = one.state == "stopped" and one.name not in seen.ready
    return idle and now - seen.first.get(one.name, now) >= LEFT_BEHIND


def _illness(one: Instance, seen: Seen, now: float, limits: Limits) -> str:
    name = one.name
    if name not in seen.ready:
        late = now - seen.first.get(name, now) >= limits.within
        return f"it was not ready within {limits.within:g} s" if late else ""
    if one.pid != seen.pids.get(name) or one.state == "stopped":
        return "it died after it had been ready"
    if not seen.serves(name) and now - seen.last.get(name, now) >= DOWN:
        return "it does not answer its health checks any more"
    return ""


def _not_yet(upgrade: Upgrade, seen: Seen, now: float, limits: Limits) -> Action | None:
    ours = new(upgrade, seen)
    old, found = old_counts(upgrade, seen), new_counts(upgrade, seen)
    if compare.clearly_worse(old, found):
        return Undo(compare.failures(old, found), ours[-1].name)
    for number, one in enumerate(ours):
        if not seen.serves(one.name):
            return Wait(f"{one.name} to be ready")
        if upgrade.mode == "trial":
            continue
        watch = limits.watch if number == 0 else min(limits.watch, WATCH_LATER)
        watched = now - seen.ready.get(one.name, now)
        if watched < watch:
            return Wait(f"a look at {one.name}")
        if compare.suspicious(old, found):
            if watched >= limits.watch * DOUBTFUL:
                return Undo(compare.failures(old, found), one.name)
            return Wait(f"more requests, since {one.name} errs")
    return None
