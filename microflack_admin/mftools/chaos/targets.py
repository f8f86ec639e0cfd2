"""What can be befallen, by the names that mfstatus shows."""

from pathlib import Path

from mfplatform.runtime import base
from mfplatform.state.home import Home

INSTANCES = 3
PREFIX = "microflack_"


def targets(home: Home, checkout: Path) -> list[str]:
    """Return all parts and instances that a new platform of this checkout has.

    What is stopped can be asked as well: names are given in their order.
    """
    found = [one.name for one in base.create(home).parts() if one.is_wanted(home)]
    for file in sorted(checkout.glob(f"{PREFIX}*/service.env")):
        service = file.parent.name.removeprefix(PREFIX)
        found += [f"{service}-{number + 1}" for number in range(INSTANCES)]
    return found
