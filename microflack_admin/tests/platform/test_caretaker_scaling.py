"""How many instances a load needs: loads that were made up, second by second."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from random import Random

import pytest

from mfplatform.caretaker.scaling import (
    CLIENTS_EACH,
    REQUESTS_EACH,
    Load,
    Sample,
    Slow,
    decide_scale,
    kept,
    remembered,
    slow_rate,
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


@dataclass
class Service:
    """One whose instances each bear so many requests a second, and are slow beyond.

    :param rate_at: how many come in a second, at which second.
    :param bears: how many an instance bears before a tenth of its answers is slow.
    :param quick: how long one takes, in seconds, and ``slow`` one that is too much.
    """

    rate_at: Callable[[int], float]
    bears: float
    quick: float = 0.02
    slow: float = 0.4

    def simulated(self, seconds: int) -> Iterator[tuple[int, int]]:
        """Yield the seconds at which the number of instances changes, and to what."""
        samples: tuple[Sample, ...] = ()
        memory: dict[int, Slow] = {}
        number, changed_at = LEAST, float("-inf")
        for now in range(seconds):
            samples = kept((*samples, self._sample(now, number)), now)
            load = Load(samples, REQUESTS_EACH, changed_at)
            rate = slow_rate(load, number, now)
            memory = remembered(memory, number, rate, now)
            load = replace(load, slow=memory)
            wanted, why = decide_scale(load, number, LEAST, MOST, now)
            if wanted != number:
                assert why
                number, changed_at = wanted, now
                yield now, number

    def _sample(self, now: int, number: int) -> Sample:
        rate = self.rate_at(now)
        is_slow = rate / number > self.bears
        load = rate * (self.slow if is_slow else self.quick)
        # As the caretaker does, each fifth time.
        answers = round(rate * 5) if now % 5 == 0 else 0
        return Sample(now, load, answers, answers // 10 if is_slow else 0)


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


def test_slow_answers_bring_another_one_that_stays_while_it_is_needed() -> None:
    def rate_at(second: int) -> float:
        return 6.0 if 100 <= second < 1500 else 1.0

    # 2.4 requests at a time are no reason yet; with two there is hardly one.
    changes = list(Service(rate_at, bears=4).simulated(2400))
    assert [number for _, number in changes] == [2, 1]
    assert changes[0][0] - 100 <= 20
    assert 1500 < changes[1][0] < 1700


def test_slow_answers_bring_no_more_instances_than_there_are_requests() -> None:
    # What they wait for is slow: another instance does not help.
    slow = Service(lambda _: 6.0, bears=0)
    changes = list(slow.simulated(3 * 3600))
    assert [number for _, number in changes[:2]] == [2, 3]
    assert changes[1][0] - changes[0][0] >= 25
    # Whether fewer will do is tried twice in an hour.
    assert {number for _, number in changes} == {2, 3}
    assert len(changes) <= 2 + 2 * 6


def test_a_few_slow_answers_and_a_hiccup_are_no_reason() -> None:
    few = Service(lambda _: 3.0, bears=0, slow=0.8)
    assert list(few.simulated(600)) == []

    def sample(now: int, slow: int) -> Sample:
        return Sample(now, 2.0, 100 if now % 5 == 0 else 0, slow)

    hiccup = tuple(sample(now, 50 if now in (50, 55) else 5) for now in range(61))
    assert all(
        slow_rate(Load(hiccup[:now]), 1, now) is None for now in range(1, len(hiccup))
    )


def test_what_was_slow_is_tried_again_after_long() -> None:
    one = remembered({}, 1, 6.0, 0.0)
    assert remembered(one, 1, 4.0, 10.0) == {1: Slow(10.0, 4.0)}
    assert remembered(one, 2, None, 1799.0) == one
    assert remembered(one, 2, None, 1800.0) == {}
    calm = tuple(Sample(now, 0.1, 30 if now % 5 == 0 else 0) for now in range(200))
    assert decide_scale(Load(calm, slow=one), 2, LEAST, MOST, 200.0) == (2, "")
    assert decide_scale(Load(calm), 2, LEAST, MOST, 200.0)[0] == 1
