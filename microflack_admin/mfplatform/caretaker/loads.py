"""Measure the load of services whose number of instances follows it."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace

from mfplatform.caretaker.scaling import (
    CLIENTS_EACH,
    REQUESTS_EACH,
    SLOW_MS,
    Load,
    Sample,
    Slow,
    kept,
    remembered,
    slow_rate,
)
from mfplatform.state.wishes import Wish
from mfplatform.upgrade.compare import Counts, bucket_of, total
from mfplatform.upgrade.counters import HAProxyCounters
from mfplatform.upgrade.runner import UpgradeContext

# Clients of such a service stay on one instance, and hold a connection each.
STICKY = "source"
# Answers are counted so often: HAProxy is asked about each instance for that.
ANSWERS_SECONDS = 5.0
# The first bucket of slow ones.
SLOW_BUCKET = bucket_of(SLOW_MS)


class LoadObserver:
    """Remembers what HAProxy has counted, for as long as that is needed."""

    def __init__(self, context: UpgradeContext) -> None:
        self._context = context
        self._samples: dict[str, tuple[Sample, ...]] = {}
        self._slow: dict[str, dict[int, Slow]] = {}
        self._answers = Answers(context.counters)

    def look(self, wanted: Mapping[str, Wish], now: float) -> dict[str, Load]:
        """Return the loads of services of which between two numbers are wanted.

        :param now: the monotonic clock, in seconds.
        :raises RegistryError: the registry is away.
        """
        scaled = {name: one for name, one in wanted.items() if one.least < one.most}
        counted = self._context.counters.at_services() if scaled else {}
        each = {name: self._each(name) for name in scaled}
        # A client that stays waits for news in its requests: these are not slow.
        timed = [name for name in scaled if each[name] == REQUESTS_EACH]
        added = self._answers.look(timed, now)
        self._samples = {
            name: self._with_sample(name, counted.get(name), added.get(name), now)
            for name in scaled
        }
        loads = {
            name: Load(self._samples[name], each[name], _changed_at(wish, now))
            for name, wish in scaled.items()
        }
        self._slow = {
            name: self._with_slow(name, load, scaled[name].instances, now)
            for name, load in loads.items()
        }
        return {
            name: replace(load, slow=self._slow[name]) for name, load in loads.items()
        }

    def _with_slow(
        self, service: str, load: Load, instances: int, now: float
    ) -> dict[int, Slow]:
        rate = slow_rate(load, instances, now)
        return remembered(self._slow.get(service, {}), instances, rate, now)

    def _with_sample(
        self, service: str, load: int | None, added: Counts | None, now: float
    ) -> tuple[Sample, ...]:
        before = self._samples.get(service, ())
        if load is None:
            return before
        times = added.times if added else ()
        sample = Sample(now, float(load), sum(times), sum(times[SLOW_BUCKET:]))
        return kept((*before, sample), now)

    def _each(self, service: str) -> float:
        """Return how much one instance bears."""
        key = f"/services/{service}/backend/balance"
        is_sticky = self._context.registry.get(key) == STICKY
        return CLIENTS_EACH if is_sticky else REQUESTS_EACH


class Answers:
    """Tells what answers services gave, and how soon, between two of its looks."""

    def __init__(self, counters: HAProxyCounters) -> None:
        self._counters = counters
        self._looked_at = float("-inf")
        self._counts: dict[str, dict[str, Counts]] = {}

    def look(self, services: Sequence[str], now: float) -> dict[str, Counts]:
        """Return what was added since the look before; nothing if that was just now.

        :param now: the monotonic clock, in seconds.
        """
        if now - self._looked_at < ANSWERS_SECONDS:
            return {}
        self._looked_at = now
        before = self._counts
        self._counts = {name: self._counters.read(name) for name in services}
        return {
            service: _added(before[service], counts)
            for service, counts in self._counts.items()
            if service in before
        }


def _added(before: Mapping[str, Counts], now: Mapping[str, Counts]) -> Counts:
    # An instance that was not known has counted from before the look.
    known = [name for name in now if name in before]
    return total(now[name].since(before[name]) for name in known)


def _changed_at(wish: Wish, now: float) -> float:
    """Return when the number was changed, on the monotonic clock."""
    return now - max(time.time() - wish.since, 0.0)
