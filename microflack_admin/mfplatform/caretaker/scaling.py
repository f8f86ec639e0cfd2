"""Decide how many instances a load needs, from what was measured lately.

What is measured is the number of requests that are at a service: under way or waiting,
or, where clients stay on one instance, of connected clients. It is the arrival rate
times the time that each takes (Little's law), so it grows with more requests and with
slower ones.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import ceil

# Of eight threads of an instance so many are busy before another one is needed.
REQUESTS_EACH = 4.0
# An instance has more room than that, but all of them come back at once after a stop.
CLIENTS_EACH = 300.0
# More are needed when nearly all of so many looks in a row say so.
UP_LOOKS, UP_IGNORED = 5, 1
# Looks that are older say nothing about now.
UP_WINDOW_SECONDS = 15.0
# What was started last shows by then whether it helps.
UP_PAUSE_SECONDS = 10.0
# Fewer do if that was so for all this time: a load that swings faster changes nothing.
DOWN_WINDOW_SECONDS = 100.0
# Then one goes, and another one after so long.
DOWN_PAUSE_SECONDS = 40.0
# Those that are left have to be that far from being too few.
DOWN_SHARE = 0.6
# Where nothing was measured for so long, HAProxy may have had too much to do to say;
# stopping an instance takes less.
GAP_SECONDS = 40.0
# Of the looks the highest are ignored: they met a moment.
DOWN_IGNORED_SHARE = 0.05


@dataclass(frozen=True)
class Sample:
    """The load of a service at one moment."""

    at: float
    load: float


@dataclass(frozen=True)
class Load:
    """What is known of a service's load.

    :param samples: what was measured, the oldest first.
    :param each: how much of it one instance bears well.
    :param changed_at: when the number of instances was last changed.
    """

    samples: tuple[Sample, ...] = ()
    each: float = REQUESTS_EACH
    changed_at: float = float("-inf")


def decide_scale(
    load: Load, instances: int, least: int, most: int, now: float
) -> tuple[int, str]:
    """Return how many instances are wanted, and why.

    :param instances: how many are wanted so far.
    :param least: there are never fewer,
    :param most: and never more.
    :param now: the clock of ``load``, in seconds.
    """
    pause = now - load.changed_at
    lasting = _lasting(load.samples, now)
    needed = ceil(lasting / load.each)
    if needed > instances and instances < most and pause >= UP_PAUSE_SECONDS:
        return min(needed, most), f"{lasting:g} requests or clients at a time"
    highest = _highest(load.samples, now)
    if highest is None or instances <= least or pause < DOWN_PAUSE_SECONDS:
        return instances, ""
    if highest > (instances - 1) * load.each * DOWN_SHARE:
        return instances, ""
    why = f"at most {highest:g} requests or clients at a time"
    return instances - 1, f"{why} for {DOWN_WINDOW_SECONDS:g} s"


def kept(samples: Sequence[Sample], now: float) -> tuple[Sample, ...]:
    """Return the samples that are still needed, and one from before."""
    begin = now - DOWN_WINDOW_SECONDS
    before = [one for one in samples if one.at < begin]
    return (*before[-1:], *(one for one in samples if one.at >= begin))


def _lasting(samples: Sequence[Sample], now: float) -> float:
    """Return the load that nearly all of the last looks have met."""
    last = samples[-UP_LOOKS:]
    if len(last) < UP_LOOKS or now - last[0].at > UP_WINDOW_SECONDS:
        return 0.0
    return sorted(one.load for one in last)[UP_IGNORED]


def _highest(samples: Sequence[Sample], now: float) -> float | None:
    """Return the highest load in the window; None if that is not known yet."""
    if not samples or samples[0].at > now - DOWN_WINDOW_SECONDS:
        return None
    needed = kept(samples, now)
    times = [*(one.at for one in needed), now]
    if any(later - at > GAP_SECONDS for at, later in pairwise(times)):
        return None
    loads = sorted(one.load for one in needed)
    return loads[int((len(loads) - 1) * (1 - DOWN_IGNORED_SHARE))]
