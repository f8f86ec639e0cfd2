"""The way from the releases that run to another one, over those that lie between.

A release may say which one is the oldest that can run beside it (`RUNS_BESIDE`). To
come from one before it, all instances first become that one, which runs beside both;
and the other way round on the way back.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeVar

from mfplatform.state.releases import Release, check, may_stand_beside, place

AnyRelease = TypeVar("AnyRelease", bound=Release)
# Finds the release with a number.
Find = Callable[[str], AnyRelease]


class Stop(NamedTuple):
    """What all instances of a service run at one point of the way."""

    image: str
    version: str


def way(
    service: str,
    running: Sequence[Release],
    target: AnyRelease,
    find: "Find[AnyRelease]",
) -> list[AnyRelease]:
    """Return the releases that are to be rolled to, one after the other.

    :param running: what runs now, of any release.
    :param target: where the way ends; the last of what is returned.
    :param find: asked for each release that lies between.
    :raises PlatformError: one says nonsense about what it runs beside; besides, what
        ``find`` raises.
    """
    oldest = min(running, key=lambda one: place(one.version))
    newest = max(running, key=lambda one: place(one.version))
    down = _between(service, target, newest, find)
    up = _between(service, oldest, target, find)
    return [*down, *reversed(up), target]


def _between(
    service: str, older: Release, newer: Release, find: "Find[AnyRelease]"
) -> list[AnyRelease]:
    """Return the releases that lie between two, the newest first."""
    found: list[AnyRelease] = []
    at = newer
    # It ends, since each is older than the one before.
    while place(older.version) < place(at.version) and not may_stand_beside(older, at):
        check(service, at)
        found.append(find(at.runs_beside))
        at = found[-1]
    return found
