"""Decide what is to be done so that as many instances serve as are wanted.

For each service the first of these that applies: go back from a release that crashes,
replace an instance that is sick, start what is missing, stop what is too many, have
another number of them if the load asks for it.
"""

from collections.abc import Mapping, Sequence

from mfplatform.caretaker.actions import (
    Action,
    Recycle,
    RollBack,
    Scale,
    StartInstances,
    StopInstance,
)
from mfplatform.caretaker.scaling import decide_scale
from mfplatform.caretaker.state import Past, Seen, SeenInstance, Symptom
from mfplatform.state.wishes import Wish

# What is wrong has to be so for that long, in seconds of a machine that is not busy:
# commands that are under way, and what is merely slow, are left in peace.
PERSISTS_SECONDS = {
    Symptom.CRASHES: 0.0,
    Symptom.STOPPED: 2.0,
    Symptom.SWOLLEN: 10.0,
    Symptom.MISSING: 3.0,
    Symptom.SURPLUS: 5.0,
}
# The load balancer has given it up by then, and cut off what it did.
SILENT_SECONDS = 15.0
# One that is silent while another of its service answers: it is not the machine.
ALONE_SILENT_SECONDS = 8.0
# After that another one is started beside it, which does no harm if it is only slow; it
# is asked for as long again, at least, before it is stopped.
SPARE_SECONDS = 2.0
# The worst first.
SICK = (
    Symptom.STOPPED,
    Symptom.SILENT,
    Symptom.CRASHES,
    Symptom.SWOLLEN,
)
# A release that was rolled so lately is the cause when its instances crash.
RECENT_ROLL_SECONDS = 600.0
# What did not help is tried again later and later; it is forgotten after so long.
FIRST_PAUSE_SECONDS, MAX_PAUSE_SECONDS = 10.0, 300.0
REMEMBERED_SECONDS = 900.0


def decide(wanted: Mapping[str, Wish], seen: Seen, now: float) -> list[Action]:
    """Return what is to be done, at most one thing for each service.

    :param wanted: what is wanted, by service. Others are left alone.
    :param seen: what there is.
    :param now: the monotonic clock of ``seen``, in seconds.
    """
    found = (
        _next(service, wanted[service], seen, now)
        for service in sorted(wanted)
        if service not in seen.hands_off
    )
    return [action for action in found if action is not None]


def _next(service: str, wish: Wish, seen: Seen, now: float) -> Action | None:
    instances = seen.instances.get(service, ())
    return (
        _roll_back(service, instances, seen, now)
        or _recycle(service, instances, seen, now)
        or _start(service, wish, instances, seen, now)
        or _stop(service, wish, instances, seen, now)
        or _scale(service, wish, seen, now)
    )


def _roll_back(
    service: str, instances: Sequence[SeenInstance], seen: Seen, now: float
) -> Action | None:
    rolled = seen.rolled.get(service)
    if rolled is None or now - rolled.at >= RECENT_ROLL_SECONDS:
        return None
    crashing = [one for one in instances if (one.name, Symptom.CRASHES) in seen.since]
    if not any(one.image == rolled.image for one in crashing):
        return None
    if now < _pause_ends(seen.past, service, RollBack):
        return None
    names = ", ".join(one.name for one in crashing)
    ago = round(now - rolled.at)
    return RollBack(
        service, f"{names} {Symptom.CRASHES}, of a release that was rolled {ago} s ago"
    )


def _recycle(
    service: str, instances: Sequence[SeenInstance], seen: Seen, now: float
) -> Action | None:
    if now < _pause_ends(seen.past, service, Recycle):
        return None
    for symptom in SICK:
        for one in instances:
            seconds = _seconds(one.name, symptom, seen, now)
            others = any(other.answers for other in instances if other is not one)
            if seconds is None:
                continue
            begins, ends = _patience(symptom, others)
            if seconds >= begins:
                lasting = f" for {round(seconds)} s" if seconds >= 1 else ""
                why = f"{one.name} {symptom}{lasting}"
                left = max(ends - seconds, SPARE_SECONDS) if ends else 0.0
                return Recycle(service, one.name, why, left)
    return None


def _patience(symptom: Symptom, others_answer: bool) -> tuple[float, float]:
    """Return after how long another one is started, and how long one may be silent."""
    if symptom is not Symptom.SILENT:
        return PERSISTS_SECONDS[symptom], 0.0
    return SPARE_SECONDS, ALONE_SILENT_SECONDS if others_answer else SILENT_SECONDS


def _start(
    service: str,
    wish: Wish,
    instances: Sequence[SeenInstance],
    seen: Seen,
    now: float,
) -> Action | None:
    missing = wish.instances - len(instances)
    if missing < 1 or not _persists(service, Symptom.MISSING, seen, now):
        return None
    if now < _pause_ends(seen.past, service, StartInstances, failed=True):
        return None
    why = f"{wish.instances} are wanted, and there are {len(instances)}"
    return StartInstances(service, missing, why)


def _stop(
    service: str,
    wish: Wish,
    instances: Sequence[SeenInstance],
    seen: Seen,
    now: float,
) -> Action | None:
    ready = [one for one in instances if one.is_ready]
    # Only what others do the work of.
    if len(ready) <= max(wish.instances, 1):
        return None
    if not _persists(service, Symptom.SURPLUS, seen, now):
        return None
    youngest = max(ready, key=lambda one: one.created)
    why = f"{wish.instances} are wanted, and {len(ready)} serve"
    return StopInstance(service, youngest.name, why)


def _scale(service: str, wish: Wish, seen: Seen, now: float) -> Action | None:
    load = seen.loads.get(service)
    if load is None or now < _pause_ends(seen.past, service, Scale, failed=True):
        return None
    number, why = decide_scale(load, wish.instances, wish.least, wish.most, now)
    return Scale(service, number, why) if number != wish.instances else None


def _seconds(name: str, symptom: Symptom, seen: Seen, now: float) -> float | None:
    since = seen.since.get((name, symptom))
    return None if since is None else now - since


def _persists(name: str, symptom: Symptom, seen: Seen, now: float) -> bool:
    seconds = _seconds(name, symptom, seen, now)
    return seconds is not None and seconds >= PERSISTS_SECONDS[symptom]


def _pause_ends(
    past: Sequence[Past], service: str, kind: type[Action], failed: bool = False
) -> float:
    """Return until when nothing of a kind is tried again.

    :param failed: whether only what failed counts.
    """
    times = [
        one.at
        for one in past
        if (one.service, one.kind) == (service, kind.__name__)
        and (one.failed or not failed)
    ]
    if not times:
        return 0.0
    lately = [at for at in times if at > max(times) - REMEMBERED_SECONDS]
    pause = FIRST_PAUSE_SECONDS * 2.0 ** (len(lately) - 1)
    return max(times) + min(pause, MAX_PAUSE_SECONDS)
