"""How many instances a load needs: loads that were recorded (see recorded_loads.py)."""

from collections.abc import Iterator

import recorded_loads

from mfplatform.caretaker.scaling import (
    REQUESTS_EACH,
    Load,
    Sample,
    decide_scale,
    kept,
    slow_rate,
)

LEAST, MOST = 1, 5


def replayed(text: str, number: int) -> Iterator[tuple[float, int]]:
    """Yield when a recorded load changes the number of instances, and to what."""
    samples: tuple[Sample, ...] = ()
    changed_at = float("-inf")
    for look in recorded_loads.looks(text):
        samples = kept((*samples, look), look.at)
        load = Load(samples, REQUESTS_EACH, changed_at)
        assert slow_rate(load, number, look.at) is None or look.at > 18
        wanted, _ = decide_scale(load, number, LEAST, MOST, look.at)
        if wanted != number:
            number, changed_at = wanted, look.at
            yield look.at, number


def test_a_recorded_load_that_grows_is_met_at_once() -> None:
    ((at, number),) = replayed(recorded_loads.GROWING, 1)
    assert number == MOST
    assert 18 < at <= 23


def test_a_recorded_load_with_a_few_slow_answers_brings_nothing() -> None:
    assert list(replayed(recorded_loads.CALM, 1)) == []
    ((_, number),) = replayed(recorded_loads.CALM, 4)
    assert number == 3
