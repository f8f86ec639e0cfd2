"""What will befall the chat: made of a seed alone, so that it can be repeated."""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

Kind = Literal["kill", "freeze", "cut", "fill"]
KINDS: tuple[Kind, ...] = ("kill", "freeze", "cut", "fill")
# For how many seconds it is so. Whoever stands still for longer is as good as gone;
# what a full disk has stopped is started again ever later.
SECONDS: Mapping[Kind, tuple[float, float]] = {
    "freeze": (0.2, 12.0),
    "cut": (0.2, 12.0),
    "fill": (0.5, 5.0),
}
# Seconds from the end of one misfortune to the next.
PAUSE_SECONDS = (1.0, 6.0)

Targets = Mapping[Kind, Sequence[str]]


@dataclass(frozen=True)
class Misfortune:
    """One of them: ``at`` so many seconds after the beginning, for ``seconds``.

    ``target`` is the name of a part or of an instance, as mfstatus shows it, or DISK. A
    kill takes no time: ``seconds`` is 0.
    """

    at: float
    kind: Kind
    target: str
    seconds: float = 0.0

    def __str__(self) -> str:
        """Return it as a line of the story."""
        long = f" for {self.seconds:.1f} s" if self.seconds else ""
        return f"{self.at:6.1f} s  {self.kind} {self.target}{long}"


def plan(seed: int, seconds: float, targets: Targets) -> list[Misfortune]:
    """Return what befalls the targets until the time is over, one after the other.

    Each can be survived: there is one misfortune at a time, there are several instances
    of each service, and what runs them starts again what has died.

    :param targets: what each kind can befall; other kinds do not happen.
    :raises ValueError: no kind does.
    """
    ordered = {kind: sorted(targets[kind]) for kind in KINDS if targets.get(kind)}
    if not ordered:
        raise ValueError("nothing is left that could happen")
    return list(_misfortunes(random.Random(seed), seconds, ordered))


def _misfortunes(
    chance: random.Random, seconds: float, targets: Targets
) -> Iterator[Misfortune]:
    at = chance.uniform(*PAUSE_SECONDS)
    while at < seconds:
        kind = chance.choice(list(targets))
        target = chance.choice(targets[kind])
        long = chance.uniform(*SECONDS[kind]) if kind in SECONDS else 0.0
        yield Misfortune(round(at, 1), kind, target, round(long, 1))
        at += long + chance.uniform(*PAUSE_SECONDS)
