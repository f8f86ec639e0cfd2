"""What an upgrade is to be: which image takes the place of which instances."""

import time
from collections.abc import Sequence

from mfplatform.state import releases
from mfplatform.state.home import PlatformError
from mfplatform.upgrade.owner import Owner
from mfplatform.upgrade.runner import UpgradeContext
from mfplatform.upgrade.state import (
    NO_COUNTS,
    Mode,
    ObservedInstance,
    OldInstance,
    Upgrade,
)
from mfplatform.upgrade.way import Stop, way


def plan_upgrade(
    context: UpgradeContext, service: str, tag: str, command: str
) -> Upgrade | None:
    """Return an upgrade to be done; None if all instances run that image already.

    Where it leads over releases between, they are built if they are not there, and what
    is returned is the part to the first of them.

    :raises PlatformError: there is no such image, no instance, or no way.
    """
    running = _running_instances(context, service)
    image = context.instances.image(service, tag)
    if all(one.image == image.id for one in running):
        return None
    stops = way(
        service,
        running,
        image,
        find=lambda number: context.instances.release(service, number),
    )
    first, *ahead = (Stop(one.id, one.version) for one in stops)
    return _part(context, running, service, tag, command, first, ahead=tuple(ahead))


def plan_trial(context: UpgradeContext, service: str, tag: str) -> Upgrade | None:
    """Return a trial to be done; None if all instances run that image already.

    :raises PlatformError: there is no such image, no instance, or it may not run beside
        what runs.
    """
    running = _running_instances(context, service)
    image = context.instances.image(service, tag)
    if all(one.image == image.id for one in running):
        return None
    if other := releases.in_the_way(image, running):
        raise PlatformError(releases.conflict(service, image, other))
    stop = Stop(image.id, image.version)
    return _part(context, running, service, tag, "try", stop, mode="trial")


def plan_next(context: UpgradeContext, upgrade: Upgrade) -> Upgrade | None:
    """Return what follows on a part that has come to its end, if anything does.

    :raises PlatformError: no instance runs any more.
    """
    command, ahead, behind = continuation(upgrade)
    service, tag = upgrade.service, upgrade.tag
    running = _running_instances(context, service) if ahead else ()
    for number, stop in enumerate(ahead, 1):
        if any(one.image != stop.image for one in running):
            rest = ahead[number:]
            return _part(
                context, running, service, tag, command, stop, ahead=rest, behind=behind
            )
    return None


def continuation(upgrade: Upgrade) -> tuple[str, tuple[Stop, ...], tuple[Stop, ...]]:
    """Return the command, what lies ahead and what behind, once a part has ended."""
    if upgrade.mode == "undo":
        # All of it or nothing: what lies behind is gone back, too.
        return "abort", upgrade.behind[::-1], ()
    if upgrade.command == "abort":
        return "abort", upgrade.ahead, ()
    return upgrade.command, upgrade.ahead, (*upgrade.behind, upgrade.start)


def _part(
    context: UpgradeContext,
    running: Sequence[ObservedInstance],
    service: str,
    tag: str,
    command: str,
    to: Stop,
    *,
    mode: Mode = "roll",
    ahead: tuple[Stop, ...] = (),
    behind: tuple[Stop, ...] = (),
) -> Upgrade:
    replaced = [one for one in running if one.image != to.image]
    return Upgrade(
        service=service,
        command=command,
        mode=mode,
        tag=tag,
        image=to.image,
        version=to.version,
        old=_with_counts(context, service, replaced),
        kept=tuple(one.name for one in running if one.image == to.image),
        by=str(Owner.this_process()),
        since=round(time.time(), 3),
        ahead=ahead,
        behind=behind,
    )


def _running_instances(
    context: UpgradeContext, service: str
) -> Sequence[ObservedInstance]:
    instances = context.instances.instances(service)
    if not instances:
        raise PlatformError(
            f"no instance of {service} is running. Start one with: mfrun {service}"
        )
    return instances


def _with_counts(
    context: UpgradeContext, service: str, replaced: Sequence[ObservedInstance]
) -> tuple[OldInstance, ...]:
    counts = context.counters.read(service, [one.name for one in replaced])
    return tuple(
        OldInstance(one.name, one.image, one.version, counts.get(one.name, NO_COUNTS))
        for one in replaced
    )


def plan_rollback(context: UpgradeContext, service: str) -> Upgrade | None:
    """Return an upgrade to the version before the last completed one.

    None if all instances run that version already; PlatformError if none is known.
    """
    last = next(context.store.completed(service), None)
    if last is None:
        raise PlatformError(
            f"no upgrade of {service} is recorded, so no version before is known. "
            f"Take one by its tag: mfupgrade roll {service} TAG"
        )
    try:
        return plan_upgrade(context, service, last["image_before"], "rollback")
    except PlatformError as error:
        raise PlatformError(
            f"{service} cannot go back to version {last['before']}: {error}"
        ) from error
