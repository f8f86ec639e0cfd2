"""What each service does in a moment, from HAProxy's counts: pure functions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mfplatform.upgrade.compare import Counts, total

BARS = "▁▂▃▄▅▆▇█"
# What a cell shows where nothing is known.
NOTHING = "-"


@dataclass(frozen=True)
class Rates:
    """One service between two looks.

    Requests and errors are counted by the second; ``p95_ms`` is None when nothing was
    answered.
    """

    requests: float = 0.0
    errors: float = 0.0
    p95_ms: float | None = None


def rates(
    before: Mapping[str, Counts], now: Mapping[str, Counts], seconds: float
) -> Rates:
    """Return what a service has done between two looks at its instances.

    :param before: the counts of each instance then; one that was not there is new.
    """
    added = total(
        counts.since(before[name]) for name, counts in now.items() if name in before
    )
    if seconds <= 0:
        return Rates()
    return Rates(
        added.requests / seconds, added.errors / seconds, added.percentile_ms(0.95)
    )


def sparkline(values: Sequence[float]) -> str:
    """Return one bar for each value; the highest is as high as can be."""
    highest = max(values, default=0.0)
    if highest <= 0:
        return BARS[0] * len(values)
    return "".join(BARS[round(value / highest * (len(BARS) - 1))] for value in values)


def per_second(value: float) -> str:
    """Return a rate as it is shown."""
    return f"{value:.1f}" if value < 100 else f"{value:.0f}"


def milliseconds(value: float | None) -> str:
    """Return a time as it is shown."""
    if value is None:
        return NOTHING
    return f"{value:.1f} ms" if value < 10 else f"{value:.0f} ms"
