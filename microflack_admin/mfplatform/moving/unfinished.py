"""Moves that have begun and not ended: what is to be told of them, and done.

    python -m mfplatform.moving.unfinished

Prints what there is to do for `mfup`, a line each: ``resume SERVICE MF_HOME`` where
nobody has the service until its move goes on, ``leave SERVICE MF_HOME`` where a
monolith has it still.
"""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from shlex import quote

from mfplatform.monolith import process, services
from mfplatform.monolith.prepare import MOVED_TO, WITHOUT
from mfplatform.moving import home as moving_home
from mfplatform.moving.progress import Progress, Stage, begun
from mfplatform.state import instances
from mfplatform.state.home import Home, PlatformError


@dataclass(frozen=True)
class Unfinished:
    """A service whose move to a platform has not ended.

    :param home: the platform's MF_HOME.
    :param source: the monolith's.
    :param is_away: nobody answers for it: whoever asks waits.
    :param is_under_way: a mover is at it.
    """

    name: str
    home: Path
    source: Path
    is_away: bool
    is_under_way: bool

    def __str__(self) -> str:
        """Say it in a sentence, with the command that goes on."""
        way = f"from {self.source} to {self.home}"
        if self.is_under_way:
            return f"{self.name} is being moved {way}"
        left = "whoever asks for it waits" if self.is_away else "it stays where it was"
        return (
            f"The move of {self.name} {way} was interrupted, and {left}. Go on with: "
            f"MF_HOME={quote(str(self.home))} mfmove {self.name} "
            f"--from {quote(str(self.source))}"
        )


def unfinished(home: Home) -> list[Unfinished]:
    """Return the services that are on their way to a platform."""
    running = {one.service for one in instances.all_instances(home)}
    moves = [one for one in begun(home) if one.name != moving_home.NAME]
    return [
        Unfinished(one.name, home.path, one.source, _is_away(one), one.is_under_way)
        for one in moves
        if one.stage is not Stage.MOVED or (one.name not in running and _is_up(one))
    ]


def sentences(home: Home) -> list[str]:
    """Return what there is to say to whoever looks at a platform."""
    told = [str(one) for one in unfinished(home)]
    if moving_home.progress(home).stage is Stage.COPYING:
        told.append(f"{home.path} is not moved yet. Go on with: mfup --move")
    return told


def waited_for(source: Home) -> list[str]:
    """Return what there is to say to whoever looks at a monolith."""
    platform = source.settings.get(MOVED_TO)
    moves = unfinished(Home(Path(platform))) if platform else []
    return [str(one) for one in moves if one.is_away and one.source == source.path]


def check_may_start(home: Home, service: str) -> None:
    """Refuse to start an instance of what is on its way.

    :raises PlatformError: it is; its rows would be mixed with the monolith's.
    """
    for one in begun(home):
        if one.name == service and one.stage in (Stage.COPYING, Stage.LEAVING):
            raise PlatformError(
                f"{service} is on its way here, and an instance would mix rows of its "
                f"own with those. Go on with: mfmove {service} --from {one.source}"
            )


def _is_away(move: Progress) -> bool:
    """Say whether the monolith goes on without it, or is about to."""
    without = Home(move.source).settings.get(WITHOUT, "").split(",")
    return move.stage is Stage.MOVED or move.name in without


def _is_up(move: Progress) -> bool:
    """Say whether there is a monolith that could be asked for it."""
    return process.is_running(Home(move.source))


def _left(home: Home) -> Iterator[tuple[str, Path]]:
    """Yield what monoliths still have of which something was moved here."""
    running = {one.service for one in instances.all_instances(home)}
    for source in {one.source for one in begun(home)} - {home.path}:
        there = Home(source)
        if not process.is_here(there):
            continue
        for one in services.in_checkout(there.settings.get(WITHOUT, "")):
            if one.name not in running:
                yield one.name, source


def main() -> int:
    """Print what there is to do."""
    home = Home.here()
    try:
        away = {one.name: one.source for one in unfinished(home) if one.is_away}
        left = {name: source for name, source in _left(home) if name not in away}
    except (PlatformError, OSError) as error:
        print(f"mfup: {error}", file=sys.stderr)
        return 1
    for verb, found in (("resume", away), ("leave", left)):
        for name, source in found.items():
            print(verb, name, source)
    return 0


if __name__ == "__main__":
    sys.exit(main())
