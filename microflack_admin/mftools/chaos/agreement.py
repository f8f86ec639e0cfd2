"""Whether registry, load balancer and processes agree on what there is."""

import time
from collections.abc import Mapping
from typing import Any

from mftools.bench.testbed import Testbed

AGREEMENT_SECONDS = 60.0
LOOK_SECONDS = 0.5


def disagreements(
    status: Mapping[str, Any], registered: set[str], wanted: int
) -> list[str]:
    """Return what is not as it should be, a sentence each.

    :param status: what mfstatus tells.
    :param registered: the names of the instances in the registry.
    :param wanted: how many instances there are to be of each service.
    """
    found = [
        f"{one['name']} is {one['state']}"
        for one in status["parts"]
        if one["state"] != "running"
    ]
    counts: dict[str, int] = {}
    for one in status["instances"]:
        counts[one["service"]] = counts.get(one["service"], 0) + 1
        if one["instance"] not in registered:
            found.append(f"{one['instance']} is not in the registry")
        if (one["health"], one["routed"]) != ("ready", "ready"):
            found.append(
                f"{one['instance']} is {one['health']}, for the load balancer"
                f" {one['routed']}"
            )
    known = {one["instance"] for one in status["instances"]}
    found += [f"{name} is registered and unknown" for name in registered - known]
    found += [
        f"there are {count} instances of {service}, not {wanted}"
        for service, count in counts.items()
        if count != wanted
    ]
    return found


def wait_for_agreement(bed: Testbed, wanted: int) -> list[str]:
    """Wait until they agree, but not for ever; return on what they do not."""
    end = time.monotonic() + AGREEMENT_SECONDS
    while found := disagreements(bed.status(), _registered(bed), wanted):
        if time.monotonic() > end:
            break
        time.sleep(LOOK_SECONDS)
    return found


def _registered(bed: Testbed) -> set[str]:
    keys = bed.registry.tree("/services").values
    return {key.split("/")[4] for key in keys if key.split("/")[3:4] == ["upstream"]}
