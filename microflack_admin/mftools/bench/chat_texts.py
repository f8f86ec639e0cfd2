"""Texts that are like those of a chat in how often they use which words."""

import itertools
import random
from collections.abc import Iterator

SYLLABLES = [a + b for a in "bdfghklmnprstvz" for b in "aeiou"]
HAN = [chr(0x4E00 + 7 * number) for number in range(1500)]
WORDS = 20_000
SEED = 7
# One text of ten is written without spaces.
SPACELESS_SHARE = 0.1


def vocabulary() -> list[str]:
    """Return distinct words of two to four syllables, the commonest first."""
    source = random.Random(SEED)
    found: dict[str, None] = {}
    while len(found) < WORDS:
        found["".join(source.choices(SYLLABLES, k=source.randint(2, 4)))] = None
    return list(found)


def texts() -> Iterator[str]:
    """Yield texts without end, always the same ones.

    The nth word is used as often as 1/n (Zipf's law), as in what people write.
    """
    source, words = random.Random(SEED), vocabulary()
    weights = list(itertools.accumulate(1 / n for n in range(1, WORDS + 1)))
    signs = weights[: len(HAN)]
    while True:
        length = source.randint(4, 20)
        if source.random() < SPACELESS_SHARE:
            yield "".join(source.choices(HAN, cum_weights=signs, k=length))
        else:
            yield " ".join(source.choices(words, cum_weights=weights, k=length))
