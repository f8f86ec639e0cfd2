"""How many instances a load needs: loads that were made up, second by second."""

from collections.abc import Callable, Iterator
from random import Random

import pytest

from mfplatform.caretaker.scaling import (
    CLIENTS_EACH,
    REQUESTS_EACH,
    Load,
    Sample,
    decide_scale,
    kept,
)

LEAST, MOST = 1, 5
# An instance that is begun gets requests after so many seconds.
START_SECONDS = 3


def simulated(
    load_at: Callable[[int], float], seconds: int, each: float = REQUESTS_EACH
) -> Iterator[tuple[int, int]]:
    """Yield the seconds at which the number changes, and to what."""
    samples: tuple[Sample, ...] = ()
    number, changed_at = LEAST, float("-inf")
    for now in range(seconds):
        samples = kept((*samples, Sample(now, load_at(now))), now)
        load = Load(samples, each, changed_at)
        wanted, why = decide_scale(load, number, LEAST, MOST, now)
        if wanted != number:
            assert why
            number, changed_at = wanted, now
            yield now, number


def test_more_are_begun_soon_and_go_slowly() -> None:
    def load_at(second: int) -> float:
        return 15.0 if 200 <= second < 260 else 0.3

    changes = list(simulated(load_at, 900))
    (up_at, up_to), *down = changes
    assert up_to == 4
    assert up_at + START_SECONDS - 200 <= 15
    assert [number for _, number in down] == [3, 2, 1]
    assert 350 <= down[0][0] <= 370
    assert down[-1][0] - 260 < 300


@pytest.mark.parametrize("period", [10, 30, 60, 90])
def test_a_load_that_swings_is_met_once_and_for_all(period: int) -> None:
    def load_at(second: int) -> float:
        return 14.0 if second % period < period // 2 else 0.2

    changes = list(simulated(load_at, 1800))
    assert [number for _, number in changes] == [4]


def test_a_moment_is_no_load() -> None:
    random = Random(7)

    def load_at(_second: int) -> float:
        return random.choice([40.0, *[0.0] * 20])

    assert list(simulated(load_at, 3600)) == []


def test_a_load_at_the_edge_does_not_flap() -> None:
    random = Random(8)
    changes = list(simulated(lambda _: random.gauss(REQUESTS_EACH, 1.5), 3600))
    assert len(changes) <= 1


def test_a_load_that_grows_is_followed_as_far_as_is_allowed() -> None:
    changes = list(simulated(lambda second: second / 20, 1200))
    assert [number for _, number in changes] == [2, 3, 4, 5]


def test_clients_that_stay_are_counted_too() -> None:
    def load_at(second: int) -> float:
        return min(second * 5.0, 2 * CLIENTS_EACH)

    changes = list(simulated(load_at, 600, CLIENTS_EACH))
    assert [number for _, number in changes] == [2]


def test_what_is_not_known_changes_nothing() -> None:
    assert decide_scale(Load(), 3, LEAST, MOST, 0.0) == (3, "")
    old = tuple(Sample(second, 99.0) for second in range(5))
    assert decide_scale(Load(old), 3, LEAST, MOST, 90.0) == (3, "")
    # It has just begun to look: it may have been busy a minute ago.
    short = tuple(Sample(second, 0.0) for second in range(60))
    assert decide_scale(Load(short), 3, LEAST, MOST, 60.0) == (3, "")


def test_a_load_that_nobody_could_measure_is_not_low() -> None:
    quiet = [Sample(second, 0.0) for second in range(300)]
    # From 200 on HAProxy was silent: for ever, or until it had to bear less again.
    assert decide_scale(Load(tuple(quiet[:200])), 3, LEAST, MOST, 310.0) == (3, "")
    gap = tuple(quiet[:200] + quiet[250:])
    assert decide_scale(Load(gap), 3, LEAST, MOST, 300.0) == (3, "")
    short = tuple(quiet[:200] + quiet[220:])
    assert decide_scale(Load(short), 3, LEAST, MOST, 300.0)[0] == 2
