"""What an upgrade is to be: which image takes the place of which instances."""

import time
from collections.abc import Sequence

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


def plan_upgrade(
    context: UpgradeContext, service: str, tag: str, command: str, mode: Mode = "roll"
) -> Upgrade | None:
    """Return an upgrade to be done; None if all instances run that image already.

    :raises PlatformError: there is no such image, or no instance.
    """
    instances = _running_instances(context, service)
    image, version = context.instances.image(service, tag)
    replaced = [one for one in instances if one.image != image]
    if not replaced:
        return None
    return Upgrade(
        service=service,
        command=command,
        mode=mode,
        tag=tag,
        image=image,
        version=version,
        old=_with_counts(context, service, replaced),
        kept=tuple(one.name for one in instances if one.image == image),
        by=str(Owner.this_process()),
        since=round(time.time(), 3),
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
        return plan_upgrade(context, service, last["image_from"], "rollback")
    except PlatformError as error:
        raise PlatformError(
            f"{service} cannot go back to version {last['from']}: {error}"
        ) from error
