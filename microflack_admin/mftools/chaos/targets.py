"""What can be befallen, by the names that mfstatus shows."""

from collections.abc import Collection, Iterable
from pathlib import Path

from mfplatform.runtime import base
from mfplatform.state.home import Home, PlatformError
from mftools.chaos import small_disk
from mftools.chaos.plan import Kind, Targets

INSTANCES = 3
PREFIX = "microflack_"
DISK = "disk"


def services(checkout: Path) -> list[str]:
    """Return the names of the services of a checkout."""
    files = sorted(checkout.glob(f"{PREFIX}*/service.env"))
    return [file.parent.name.removeprefix(PREFIX) for file in files]


def behind_a_line(service: str) -> str:
    """Return that of a service's instances whose line to the parts can be cut."""
    return f"{service}-{INSTANCES}"


def check_reach(home: Home, runtime: base.Runtime, names: Iterable[str]) -> None:
    """Refuse to begin where nothing could befall one of the instances.

    :param names: those of all instances.
    :raises PlatformError: one runs on another host.
    """
    for name in names:
        if (host := runtime.host_of(name)) != home.host:
            raise PlatformError(
                f"{name} runs on another host, {host}, where mfchaos can do nothing to "
                "it. Have it run where all instances are on this one"
            )


def targets(home: Home, checkout: Path, without: Collection[str]) -> Targets:
    """Return what can befall a new platform of this checkout, and what of it.

    What is stopped can be asked as well: names are given in their order.

    :param without: what is not to happen.
    """
    parts = [one.name for one in base.create(home).parts() if one.is_wanted(home)]
    names = services(checkout)
    numbers = range(1, INSTANCES + 1)
    every = [*parts, *(f"{name}-{number}" for name in names for number in numbers)]
    found: dict[Kind, list[str]] = {
        "kill": every,
        "freeze": every,
        "cut": [behind_a_line(name) for name in names],
        "fill": [DISK] if small_disk.can_be_had() else [],
    }
    return {kind: found[kind] for kind in found if kind not in without}
