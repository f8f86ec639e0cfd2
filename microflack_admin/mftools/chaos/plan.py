"""What will befall the chat: made of a seed alone, so that it can be repeated."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

# Seconds that somebody stands still, and from the end of one misfortune to the next.
# Whoever stands still for longer than this is as good as gone.
FREEZE_SECONDS, PAUSE_SECONDS = (0.2, 12.0), (1.0, 6.0)

Kind = Literal["kill", "freeze"]
KINDS: tuple[Kind, ...] = ("kill", "freeze")


@dataclass(frozen=True)
class Misfortune:
    """One of them: ``at`` so many seconds after the beginning, for ``seconds``.

    ``target`` is the name of a part or of an instance, as mfstatus shows it. A kill
    takes no time: ``seconds`` is 0.
    """

    at: float
    kind: Kind
    target: str
    seconds: float = 0.0

    def __str__(self) -> str:
        """Return it as a line of the story."""
        long = f" for {self.seconds:.1f} s" if self.seconds else ""
        return f"{self.at:6.1f} s  {self.kind} {self.target}{long}"


def plan(seed: int, seconds: float, targets: Sequence[str]) -> list[Misfortune]:
    """Return what befalls the targets until the time is over, one after the other.

    Each can be survived: there is one misfortune at a time, there are several instances
    of each service, and what runs them starts again what has died.
    """
    return list(_misfortunes(random.Random(seed), seconds, sorted(targets)))


def _misfortunes(
    chance: random.Random, seconds: float, targets: Sequence[str]
) -> Iterator[Misfortune]:
    at = chance.uniform(*PAUSE_SECONDS)
    while at < seconds:
        kind, target = chance.choice(KINDS), chance.choice(targets)
        long = chance.uniform(*FREEZE_SECONDS) if kind == "freeze" else 0.0
        yield Misfortune(round(at, 1), kind, target, round(long, 1))
        at += long + chance.uniform(*PAUSE_SECONDS)
