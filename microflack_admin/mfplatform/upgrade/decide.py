"""Decide the next step of an upgrade from what is to be and what is observed.

Nothing is remembered of the steps already taken: where an upgrade stands can be seen
from the instances that run. So whoever takes it over goes on where it was left.
"""

from mfplatform.upgrade import compare
from mfplatform.upgrade.actions import (
    Action,
    Done,
    Limits,
    StartInstance,
    StopInstance,
    Undo,
    Wait,
)
from mfplatform.upgrade.state import (
    Observation,
    ObservedInstance,
    OldInstance,
    Upgrade,
    new_counts,
    new_instances,
    old_counts,
    remaining_old,
    restored_instances,
)

# Each new instance after the first is of a version that has proved itself.
LATER_WATCH_SECONDS = 1.0
# A suspicious version is watched so many times as long.
SUSPICIOUS_WATCH_FACTOR = 5
# HAProxy may find an instance unhealthy for so long before that counts.
UNHEALTHY_TIMEOUT_SECONDS = 3.0
# One that is stopped for so long, and never was ready, is started by nobody any more.
ABANDONED_SECONDS = 10.0


def decide(upgrade: Upgrade, seen: Observation, now: float, limits: Limits) -> Action:
    """Return the next step.

    :param upgrade: what is to be.
    :param seen: what there is.
    :param now: monotonic clock, in seconds.
    :param limits: how long it waits.
    """
    if upgrade.mode == "undo":
        return _restore_old_version(upgrade, seen, now, limits)
    go_on = _start_trial if upgrade.mode == "trial" else _replace_next
    return (
        _check_new_instances(upgrade, seen, now, limits)
        or _compare_versions(upgrade, seen)
        or _watch_new_instances(upgrade, seen, now, limits)
        or go_on(upgrade, seen)
    )


def _check_new_instances(
    upgrade: Upgrade, seen: Observation, now: float, limits: Limits
) -> Action | None:
    for one in new_instances(upgrade, seen):
        if _is_abandoned(one, seen, now):
            return StopInstance(one.name)
        if reason := _failure(one, seen, now, limits):
            return Undo(reason, one.name)
    return None


def _is_abandoned(one: ObservedInstance, seen: Observation, now: float) -> bool:
    idle = one.state == "stopped" and one.name not in seen.ready_since
    return idle and now - seen.first_seen.get(one.name, now) >= ABANDONED_SECONDS


def _failure(
    one: ObservedInstance, seen: Observation, now: float, limits: Limits
) -> str:
    name = one.name
    if name not in seen.ready_since:
        late = now - seen.first_seen.get(name, now) >= limits.ready_seconds
        return f"it was not ready within {limits.ready_seconds:g} s" if late else ""
    if one.pid != seen.ready_pids.get(name) or one.state == "stopped":
        return "it died after it had been ready"
    unhealthy_seconds = now - seen.last_ready.get(name, now)
    if not seen.is_ready(name) and unhealthy_seconds >= UNHEALTHY_TIMEOUT_SECONDS:
        return "it does not answer its health checks any more"
    return ""


def _compare_versions(upgrade: Upgrade, seen: Observation) -> Action | None:
    started = new_instances(upgrade, seen)
    old, new = old_counts(upgrade, seen), new_counts(upgrade, seen)
    if started and compare.is_clearly_worse(old, new):
        return Undo(compare.failures(old, new), started[-1].name)
    return None


def _watch_new_instances(
    upgrade: Upgrade, seen: Observation, now: float, limits: Limits
) -> Action | None:
    old, new = old_counts(upgrade, seen), new_counts(upgrade, seen)
    for number, one in enumerate(new_instances(upgrade, seen)):
        if not seen.is_ready(one.name):
            return Wait(f"{one.name} to be ready")
        if upgrade.mode == "trial":
            continue
        watch_seconds = limits.watch_seconds
        if number > 0:
            watch_seconds = min(watch_seconds, LATER_WATCH_SECONDS)
        watched_seconds = now - seen.ready_since.get(one.name, now)
        if watched_seconds < watch_seconds:
            return Wait(f"a look at {one.name}")
        if compare.is_suspicious(old, new):
            if watched_seconds >= limits.watch_seconds * SUSPICIOUS_WATCH_FACTOR:
                return Undo(compare.failures(old, new), one.name)
            return Wait(f"more requests, since {one.name} errs")
    return None


def _start_trial(upgrade: Upgrade, seen: Observation) -> Action:
    if new_instances(upgrade, seen):
        return Done()
    return StartInstance(upgrade.image, upgrade.version, like=upgrade.old[0].name)


def _replace_next(upgrade: Upgrade, seen: Observation) -> Action:
    started, left = new_instances(upgrade, seen), remaining_old(upgrade, seen)
    if len(started) + len(left) > len(upgrade.old):
        return StopInstance((left or started[::-1])[0].name)
    if len(started) < len(upgrade.old):
        like = next((one.name for one in (*left, *started)), None)
        return StartInstance(upgrade.image, upgrade.version, like)
    return Done()


def _restore_old_version(
    upgrade: Upgrade, seen: Observation, now: float, limits: Limits
) -> Action:
    started, restored = new_instances(upgrade, seen), restored_instances(upgrade, seen)
    # An old one, too: whoever stopped it may have been killed before it was forgotten.
    for one in (*restored, *remaining_old(upgrade, seen)):
        if _is_abandoned(one, seen, now):
            return StopInstance(one.name)
    missing = _missing_old(upgrade, seen)
    old_names = [one.name for one in (*remaining_old(upgrade, seen), *restored)]
    has_ready = any(seen.is_ready(name) for name in old_names)
    awaited = [name for name in old_names if _may_get_ready(name, seen, now, limits)]
    # What fails is worse than what is missing, unless nothing else is there.
    if started and ((upgrade.reason and has_ready) or not (missing or awaited)):
        return StopInstance(started[-1].name)
    if missing:
        like = started[0].name if started else None
        return StartInstance(missing[0].image, missing[0].version, like)
    return Wait(f"{awaited[0]} to be ready") if awaited else Done()


def _may_get_ready(name: str, seen: Observation, now: float, limits: Limits) -> bool:
    """Say whether one that is not ready may be starting; or a predecessor stops it."""
    known_seconds = now - seen.first_seen.get(name, now)
    return not seen.is_ready(name) and known_seconds < limits.ready_seconds


def _missing_old(upgrade: Upgrade, seen: Observation) -> list[OldInstance]:
    """Return the old instances that have been replaced and not come back."""
    left = {one.name for one in remaining_old(upgrade, seen)}
    restored_images = [one.image for one in restored_instances(upgrade, seen)]
    missing = []
    for one in upgrade.old:
        if one.name in left:
            continue
        if one.image in restored_images:
            restored_images.remove(one.image)
        else:
            missing.append(one)
    return missing
