"""What an upgrade is to be: which image takes the place of which instances."""

import time

from mfplatform.state.home import PlatformError
from mfplatform.upgrade.compare import Counts
from mfplatform.upgrade.owner import Owner
from mfplatform.upgrade.runner import Tools
from mfplatform.upgrade.state import Mode, Old, Upgrade


def plan(
    tools: Tools, service: str, tag: str, command: str, mode: Mode = "roll"
) -> Upgrade | None:
    """Return an upgrade to be done; None if all instances run that image already."""
    instances = tools.runtime.instances(service)
    if not instances:
        raise PlatformError(
            f"no instance of {service} is running. Start one with: mfrun {service}"
        )
    image, version = tools.runtime.image(service, tag)
    replaced = [one for one in instances if one.image != image]
    if not replaced:
        return None
    counts = tools.counters.read(service, [one.name for one in replaced])
    return Upgrade(
        service=service,
        command=command,
        mode=mode,
        tag=tag,
        image=image,
        version=version,
        old=tuple(
            Old(one.name, one.image, one.version, counts.get(one.name, Counts()))
            for one in replaced
        ),
        kept=tuple(one.name for one in instances if one.image == image),
        by=str(Owner.me()),
        since=round(time.time(), 3),
    )


def plan_back(tools: Tools, service: str) -> Upgrade | None:
    """Return an upgrade to the version before the last completed one."""
    last = next(tools.store.rolled(service), None)
    if last is None:
        raise PlatformError(
            f"no upgrade of {service} is recorded, so no version before is known. "
            f"Take one by its tag: mfupgrade roll {service} TAG"
        )
    try:
        return plan(tools, service, last["image_from"], "rollback")
    except PlatformError as error:
        raise PlatformError(
            f"{service} cannot go back to version {last['from']}: {error}"
        ) from error
