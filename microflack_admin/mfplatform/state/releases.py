"""Which releases of a service may stand beside each other.

A service whose newer code cannot bear all older code says so in its service.env:
``RUNS_BESIDE=7`` is the oldest release that may run beside it, on the same tables and
behind the same address. Without that line it runs beside all.
"""

import re
from collections.abc import Iterable
from typing import Protocol

from mfplatform.state.home import PlatformError

KEY = "RUNS_BESIDE"


class Release(Protocol):
    """What is known of a release: an image has that, and an instance."""

    @property
    def version(self) -> str:
        """Its number, as VERSION says it."""

    @property
    def runs_beside(self) -> str:
        """The oldest release that may run beside it; empty if all may."""


def place(version: str) -> tuple[int, ...]:
    """Say where a release stands among others: 10 is after 9, and 0.10 after 0.9."""
    return tuple(int(part) for part in re.findall(r"\d+", version))


def check(service: str, release: Release) -> None:
    """Raise PlatformError unless what a release may run beside makes sense."""
    oldest = release.runs_beside
    if not oldest or (place(oldest) and place(oldest) < place(release.version)):
        return
    raise PlatformError(
        f"{service} {release.version} says {KEY}={oldest} in its service.env: that has "
        "to be the number of an older release"
    )


def may_stand_beside(one: Release, other: Release) -> bool:
    """Say whether instances of two releases may serve at the same time."""
    older, newer = sorted((one, other), key=lambda release: place(release.version))
    return place(older.version) >= place(newer.runs_beside)


def in_the_way(wanted: Release, running: Iterable[Release]) -> Release | None:
    """Return the first of those that run that a release may not stand beside."""
    conflicts = (one for one in running if not may_stand_beside(wanted, one))
    return next(conflicts, None)


def conflict(service: str, wanted: Release, other: Release) -> str:
    """Say why a release may not be started while another one runs, and the way."""
    newer = max((wanted, other), key=lambda release: place(release.version))
    return (
        f"{service} {wanted.version} may not run beside {service} {other.version}, "
        f"which runs: {newer.version} runs beside {newer.runs_beside} and newer only. "
        "Go from one to the other, over what lies between, with: "
        f"mfupgrade roll {service} {wanted.version}"
    )
