"""Measure the load of services whose number of instances follows it."""

import time
from collections.abc import Mapping

from mfplatform.caretaker.scaling import (
    CLIENTS_EACH,
    REQUESTS_EACH,
    Load,
    Sample,
    kept,
)
from mfplatform.state.wishes import Wish
from mfplatform.upgrade.runner import UpgradeContext

# Clients of such a service stay on one instance, and hold a connection each.
STICKY = "source"


class LoadObserver:
    """Remembers what HAProxy has counted, for as long as that is needed."""

    def __init__(self, context: UpgradeContext) -> None:
        self._context = context
        self._samples: dict[str, tuple[Sample, ...]] = {}

    def look(self, wanted: Mapping[str, Wish], now: float) -> dict[str, Load]:
        """Return the loads of services of which between two numbers are wanted.

        :param now: the monotonic clock, in seconds.
        :raises RegistryError: the registry is away.
        """
        scaled = {name: one for name, one in wanted.items() if one.least < one.most}
        counted = self._context.counters.at_services() if scaled else {}
        self._samples = {
            name: self._with_sample(name, counted.get(name), now) for name in scaled
        }
        return {
            name: Load(self._samples[name], self._each(name), _changed_at(wish, now))
            for name, wish in scaled.items()
        }

    def _with_sample(
        self, service: str, load: int | None, now: float
    ) -> tuple[Sample, ...]:
        before = self._samples.get(service, ())
        if load is None:
            return before
        return kept((*before, Sample(now, float(load))), now)

    def _each(self, service: str) -> float:
        """Return how much one instance bears."""
        key = f"/services/{service}/backend/balance"
        is_sticky = self._context.registry.get(key) == STICKY
        return CLIENTS_EACH if is_sticky else REQUESTS_EACH


def _changed_at(wish: Wish, now: float) -> float:
    """Return when the number was changed, on the monotonic clock."""
    return now - max(time.time() - wish.since, 0.0)
