"""Compare what a new version does with what the old one does, from counts alone."""

from bisect import bisect
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from math import sqrt
from typing import Any

from mfplatform.balancer.latency_buckets import BUCKETS_MS

# How sure "clearly more errors" is, in standard deviations. It is looked at again and
# again, so more than the usual two.
SURE = 3.0
# So much above the old version's share of errors is suspicious, sure or not.
SUSPICIOUS = 0.05
# Slower is worth a word from here on: by this factor, and by so many milliseconds.
SLOWER, SLOWER_MS = 2.0, 20.0
ENOUGH = 20


@dataclass(frozen=True)
class Counts:
    """Requests, those that failed, and how many took how long (see BUCKETS_MS)."""

    requests: int = 0
    errors: int = 0
    times: tuple[int, ...] = ()

    @classmethod
    def of(cls, stored: dict[str, Any]) -> "Counts":
        """Return what ``stored`` made."""
        return cls(**stored | {"times": tuple(stored["times"])})

    def stored(self) -> dict[str, Any]:
        """Return them as they are kept in the registry."""
        return asdict(self)

    def since(self, before: "Counts") -> "Counts":
        """Return what was added since; all of it if HAProxy began to count anew."""
        if self.requests < before.requests or sum(self.times) < sum(before.times):
            return self
        old = before.times or (0,) * len(self.times)
        times = tuple(now - was for now, was in zip(self.times, old, strict=True))
        errors = max(self.errors - before.errors, 0)
        return Counts(self.requests - before.requests, errors, times)

    @property
    def share(self) -> float:
        """Return which share of the requests failed."""
        return self.errors / self.requests if self.requests else 0.0

    @property
    def range(self) -> tuple[float, float]:
        """Return between what the true share of failures lies (Wilson's interval)."""
        n, z = self.requests, SURE
        if not n:
            return 0.0, 1.0
        middle = self.share + z * z / (2 * n)
        half = z * sqrt(self.share * (1 - self.share) / n + z * z / (4 * n * n))
        return (middle - half) / (1 + z * z / n), (middle + half) / (1 + z * z / n)

    def within(self, share: float) -> float | None:
        """Return the milliseconds in which this share of the answers came."""
        total = sum(self.times)
        if not total:
            return None
        wanted, counted = share * total, 0
        for index, number in enumerate(self.times):
            if number and counted + number >= wanted:
                low = BUCKETS_MS[index - 1] if index else 0
                high = BUCKETS_MS[min(index, len(BUCKETS_MS) - 1)]
                return low + (high - low) * (wanted - counted) / number
            counted += number
        return float(BUCKETS_MS[-1])

    def __str__(self) -> str:
        shown = f"{self.requests} requests, {self.errors} errors"
        if sum(self.times):
            shown += f", p50 {_ms(self.within(0.5))}, p95 {_ms(self.within(0.95))}"
        return shown


def total(all_counts: Iterable[Counts]) -> Counts:
    """Add counts up."""
    requests, errors = 0, 0
    times = [0] * (len(BUCKETS_MS) + 1)
    for one in all_counts:
        requests, errors = requests + one.requests, errors + one.errors
        for index, number in enumerate(one.times):
            times[index] += number
    return Counts(requests, errors, tuple(times))


def step_of(milliseconds: float) -> int:
    """Return the step that an answer is counted in."""
    return bisect(BUCKETS_MS, milliseconds)


def clearly_worse(old: Counts, new: Counts) -> bool:
    """Say whether the new version surely fails more often than the old one."""
    return new.range[0] > old.range[1]


def suspicious(old: Counts, new: Counts) -> bool:
    """Say whether it seems to fail more often, in too few requests to be sure."""
    return new.errors > 0 and new.share > old.share + SUSPICIOUS


def verdict(old: Counts, new: Counts) -> str:
    """Say in one sentence what to think of the new version."""
    if not new.requests:
        return "it got no request yet, so there is nothing to judge it by"
    if suspicious(old, new):
        return "it errs more than the old one, in too few requests to be sure"
    if new.requests < ENOUGH:
        return f"no complaint, but it got {new.requests} requests only"
    before, now = old.within(0.95), new.within(0.95)
    if before and now and now > max(before * SLOWER, before + SLOWER_MS):
        return "it errs no more than the old one, but it is slower"
    return "it does as well as the old one"


def failures(old: Counts, new: Counts) -> str:
    """Say how many requests of each failed."""
    return (
        f"{new.errors} of its {new.requests} requests failed, against "
        f"{old.errors} of {old.requests} of the old version"
    )


def _ms(value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value:.1f} ms" if value < 10 else f"{value:.0f} ms"


def parse_times(numbers: Sequence[int]) -> tuple[int, ...]:
    """Return what HAProxy tells as times, if it counts in our steps."""
    return tuple(numbers) if len(numbers) == len(BUCKETS_MS) + 1 else ()
