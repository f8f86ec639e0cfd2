"""Figures made from measurements: pure functions, no clocks, no connections."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True)
class Spread:
    """Several measurements of one thing: the one in the middle, and the ends."""

    middle: float
    low: float
    high: float

    @classmethod
    def of(cls, values: Sequence[float]) -> "Spread":
        """Return the spread of at least one value."""
        return cls(median(values), min(values), max(values))


def quantile(values: Sequence[float], share: float) -> float:
    """Return the smallest value that at least this share of all does not exceed."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def ratios(ours: Sequence[float], bare: Sequence[float]) -> list[float]:
    """Divide measurements that were taken in turns, each by its neighbour in time.

    A machine gets slower and faster while one measures; neighbours share that.
    """
    return [one / other for one, other in zip(ours, bare, strict=True) if other]


def formatted(value: float) -> str:
    """Return a number with as many digits as mean something."""
    if not math.isfinite(value):
        return "-"
    size = abs(value)
    if size >= 100 or value == int(value):
        return f"{value:.0f}"
    return f"{value:.1f}" if size >= 10 else f"{value:.2f}"


@dataclass(frozen=True)
class Goal:
    """A bound that a figure has to keep: at least, or below."""

    sign: str
    bound: float

    def reached(self, value: float) -> bool:
        """Say whether a value keeps it."""
        return value >= self.bound if self.sign == ">=" else value < self.bound

    def __str__(self) -> str:
        """Return it as it is written."""
        return f"{self.sign} {formatted(self.bound)}"


def at_least(bound: float) -> Goal:
    """Return the goal that a figure is not smaller than this."""
    return Goal(">=", bound)


def below(bound: float) -> Goal:
    """Return the goal that a figure is smaller than this."""
    return Goal("<", bound)
