"""Which steps can be played from this checkout's history."""

import re
from dataclasses import replace
from pathlib import Path

from mfplatform.packaging import sources
from mfplatform.state.home import PlatformError
from mftools.tour.steps import STEPS, TODAY, Release, Step

History = dict[str, dict[str, str]]


def history(checkout: Path) -> History:
    """Return the commit of each release of each service."""
    files = sorted(checkout.glob("microflack_*/service.env"))
    folders = {
        file.parent.name.removeprefix("microflack_"): file.parent for file in files
    }
    return {name: sources.releases(folder, name) for name, folder in folders.items()}


def steps(known: History) -> list[Step]:
    """Return the talk's steps, and what came after them, if anything did."""
    told = [release for step in STEPS for release in step.releases]
    missing = [str(one) for one in told if one.number not in known.get(one.service, {})]
    if missing:
        raise PlatformError(
            "this checkout's history lacks releases that the tour plays: "
            f"{', '.join(missing)}. They are in a full clone of the repository (a "
            "shallow one is completed by: git fetch --unshallow)"
        )
    newer = since(known, told)
    return [*STEPS, replace(TODAY, releases=newer)] if newer else list(STEPS)


def since(known: History, told: list[Release]) -> tuple[Release, ...]:
    """Return the newest releases that go beyond these.

    New services come first, and the others in the order of their last upgrade: that
    order was right once.
    """
    last: dict[str, str] = {}
    for release in told:
        last.pop(release.service, None)
        last[release.service] = release.number
    names = [*(name for name in known if name not in last), *last]
    newest = {name: max(known[name], key=_place) for name in names if known[name]}
    return tuple(
        Release(name, number)
        for name, number in newest.items()
        if name not in last or _place(number) > _place(last[name])
    )


def _place(number: str) -> list[int]:
    """Say where a release stands: 10 is after 9."""
    return [int(part) for part in re.findall(r"\d+", number)]
