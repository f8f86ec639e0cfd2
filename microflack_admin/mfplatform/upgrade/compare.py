"""Compare what a new version does with what the old one does, from counts alone."""

from bisect import bisect
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from math import sqrt
from typing import Any

from mfplatform.balancer.latency_buckets import BUCKETS_MS

# How sure "clearly more errors" is, in standard deviations. The question is asked again
# and again, so more than the usual two.
CONFIDENCE_DEVIATIONS = 3.0
# An error rate that is so much above the old version's is suspicious, sure or not.
SUSPICIOUS_RATE = 0.05
# Slower is worth a word from here on: by this factor, and by so many milliseconds.
SLOWER_FACTOR, SLOWER_MS = 2.0, 20.0
# With fewer requests than this, no complaint means little.
ENOUGH_REQUESTS = 20


@dataclass(frozen=True)
class Counts:
    """Requests, those that failed, and how many took how long (see BUCKETS_MS)."""

    requests: int = 0
    errors: int = 0
    times: tuple[int, ...] = ()

    @classmethod
    def from_stored(cls, stored: dict[str, Any]) -> "Counts":
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
    def error_rate(self) -> float:
        """Return the share of the requests that failed, from 0 to 1."""
        return self.errors / self.requests if self.requests else 0.0

    @property
    def error_rate_interval(self) -> tuple[float, float]:
        """Return between what the true error rate lies (Wilson's interval)."""
        n, z = self.requests, CONFIDENCE_DEVIATIONS
        if not n:
            return 0.0, 1.0
        rate = self.error_rate
        middle = rate + z * z / (2 * n)
        half = z * sqrt(rate * (1 - rate) / n + z * z / (4 * n * n))
        return (middle - half) / (1 + z * z / n), (middle + half) / (1 + z * z / n)

    def percentile_ms(self, share: float) -> float | None:
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
            p50, p95 = self.percentile_ms(0.5), self.percentile_ms(0.95)
            shown += f", p50 {_format_ms(p50)}, p95 {_format_ms(p95)}"
        return shown


def total(all_counts: Iterable[Counts]) -> Counts:
    """Add counts up."""
    requests, errors = 0, 0
    times = [0] * (len(BUCKETS_MS) + 1)
    for counts in all_counts:
        requests, errors = requests + counts.requests, errors + counts.errors
        for index, number in enumerate(counts.times):
            times[index] += number
    return Counts(requests, errors, tuple(times))


def parse_times(numbers: Sequence[int]) -> tuple[int, ...]:
    """Return what HAProxy tells as times, if it counts in our buckets."""
    return tuple(numbers) if len(numbers) == len(BUCKETS_MS) + 1 else ()


def bucket_of(milliseconds: float) -> int:
    """Return the index of the bucket that an answer is counted in."""
    return bisect(BUCKETS_MS, milliseconds)


def is_clearly_worse(old: Counts, new: Counts) -> bool:
    """Say whether the new version surely fails more often than the old one."""
    return new.error_rate_interval[0] > old.error_rate_interval[1]


def is_suspicious(old: Counts, new: Counts) -> bool:
    """Say whether it seems to fail more often, in too few requests to be sure."""
    return new.errors > 0 and new.error_rate > old.error_rate + SUSPICIOUS_RATE


def verdict(old: Counts, new: Counts) -> str:
    """Say in one sentence what to think of the new version."""
    if not new.requests:
        return "it got no request yet, so there is nothing to judge it by"
    if is_suspicious(old, new):
        return "it errs more than the old one, in too few requests to be sure"
    if new.requests < ENOUGH_REQUESTS:
        return f"no complaint, but it got {new.requests} requests only"
    before, now = old.percentile_ms(0.95), new.percentile_ms(0.95)
    if before and now and now > max(before * SLOWER_FACTOR, before + SLOWER_MS):
        return "it errs no more than the old one, but it is slower"
    return "it does as well as the old one"


def failures(old: Counts, new: Counts) -> str:
    """Say how many requests of each failed."""
    return (
        f"{new.errors} of its {new.requests} requests failed, against "
        f"{old.errors} of {old.requests} of the old version"
    )


def _format_ms(value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value:.1f} ms" if value < 10 else f"{value:.0f} ms"
