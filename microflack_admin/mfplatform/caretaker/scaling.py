"""Decide how many instances a load needs, from what was measured lately.

What is measured is the number of requests that are at a service: under way or waiting,
or, where clients stay on one instance, of connected clients. It is the arrival rate
times the time that each takes (Little's law), so it grows with more requests and with
slower ones. Where answers are slow though there are few requests, another instance may
help; more instances than there are requests at a time help nobody.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from math import ceil

# Of eight threads of an instance so many are busy before another one is needed.
REQUESTS_EACH = 4.0
# An instance has more room than that, but all of them come back at once after a stop.
CLIENTS_EACH = 300.0
# Where answers are slow it may be one request that is too much for one instance.
SLOW_EACH = 1.0
# They are slow if more than this share takes SLOW_MS or longer: the p95 is above that.
# It is the end of one of the buckets in which HAProxy counts.
SLOW_MS, SLOW_SHARE = 300, 0.05
# That has to be so each time that answers were counted lately, of so many answers each:
# of fewer a share says nothing, and a hiccup is in two of them at most.
SLOW_LOOKS, ENOUGH_ANSWERS = 3, 20
SLOW_WINDOW_SECONDS = 30.0
# All of them were given by what was started last, too.
SLOW_PAUSE_SECONDS = 25.0
# So few instances are not tried again with as many requests for so long.
SLOW_REMEMBERED_SECONDS = 1800.0
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
    """The load of a service at one moment.

    :param answers: how many it gave since they were counted before; 0 if they were not
        counted now.
    :param slow: how many of these took SLOW_MS or longer.
    """

    at: float
    load: float
    answers: int = 0
    slow: int = 0


@dataclass(frozen=True)
class Slow:
    """When answers were slow, and how many there were in a second."""

    at: float
    rate: float


@dataclass(frozen=True)
class Load:
    """What is known of a service's load.

    :param samples: what was measured, the oldest first.
    :param each: how much of it one instance bears well.
    :param changed_at: when the number of instances was last changed.
    :param slow: when answers were slow, by the number of instances.
    """

    samples: tuple[Sample, ...] = ()
    each: float = REQUESTS_EACH
    changed_at: float = float("-inf")
    slow: Mapping[int, Slow] = field(default_factory=dict)


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
    if instances < most:
        number, why = _more(load, instances, pause, now)
        if number > instances:
            return min(number, most), why
    highest = _highest(load.samples, now)
    if highest is None or instances <= least or pause < DOWN_PAUSE_SECONDS:
        return instances, ""
    if highest > (instances - 1) * load.each * DOWN_SHARE:
        return instances, ""
    slow = load.slow.get(instances - 1)
    if slow is not None and _rate(load.samples, now) > slow.rate * DOWN_SHARE:
        return instances, ""
    why = f"at most {highest:g} requests or clients at a time"
    return instances - 1, f"{why} for {DOWN_WINDOW_SECONDS:g} s"


def _more(load: Load, instances: int, pause: float, now: float) -> tuple[int, str]:
    """Return how many are needed at least, and why."""
    lasting = _lasting(load.samples, now)
    needed = ceil(lasting / load.each)
    if needed > instances and pause >= UP_PAUSE_SECONDS:
        return needed, f"{lasting:g} requests or clients at a time"
    # One at a time: what is slow may be something else than the service.
    if slow_rate(load, instances, now) is not None:
        why = f"more than {SLOW_SHARE:.0%} of the answers take {SLOW_MS} ms or longer"
        return instances + 1, f"{why}, {lasting:g} requests at a time"
    return 0, ""


def slow_rate(load: Load, instances: int, now: float) -> float | None:
    """Return how many answers come in a second if they are slow, and None if not.

    :param instances: how many give them. If these have hardly one request each, others
        would be as slow.
    """
    last = [one for one in load.samples if one.answers][-SLOW_LOOKS:]
    if len(last) < SLOW_LOOKS or now - last[0].at > SLOW_WINDOW_SECONDS:
        return None
    if now - load.changed_at < SLOW_PAUSE_SECONDS:
        return None
    if min(one.answers for one in last) < ENOUGH_ANSWERS:
        return None
    if min(one.slow / one.answers for one in last) <= SLOW_SHARE:
        return None
    if _lasting(load.samples, now) <= instances * SLOW_EACH:
        return None
    return sum(one.answers for one in last[1:]) / (last[-1].at - last[0].at)


def remembered(
    before: Mapping[int, Slow], instances: int, rate: float | None, now: float
) -> dict[int, Slow]:
    """Return when answers were slow by the number of instances, with what is so now.

    :param rate: what ``slow_rate`` has said of these instances.
    """
    still = {
        number: slow
        for number, slow in before.items()
        if now - slow.at < SLOW_REMEMBERED_SECONDS
    }
    if rate is not None:
        known = still.get(instances)
        still[instances] = Slow(now, min(rate, known.rate) if known else rate)
    return still


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


def _rate(samples: Sequence[Sample], now: float) -> float:
    """Return how many answers came in a second of the window."""
    lately = [one for one in samples if one.at >= now - DOWN_WINDOW_SECONDS]
    return sum(one.answers for one in lately) / DOWN_WINDOW_SECONDS
