"""The terms by which a message is found.

A word is found by its beginning. Of a script that puts no spaces between words any part
is found: all its single characters and pairs of neighbours are terms. Terms are bytes,
whose first one says of which kind they are.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import regex  # type: ignore[import-untyped]

from microflack_messages.search.folding import fold

# What follows is left out of the index, and compared when a message was found.
MAX_WORD_LENGTH = 40
MAX_TERM_BYTES = 1 + 4 * MAX_WORD_LENGTH
# Many words begin with the same few letters: these beginnings are terms themselves.
SHORT = 3
# So many terms of a query are looked up; the rest is compared, too.
MAX_LOOKED_UP = 8

BEGINNING, WORD, PART, ROOM, AUTHOR = b"b", b"w", b"p", b"r", b"a"

_UNSPACED = (
    r"\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}\p{Bopomofo}\p{Thai}\p{Lao}\p{Khmer}"
    r"\p{Myanmar}\u30fc"
)
_TOKEN = regex.compile(
    rf"(?P<run>[{_UNSPACED}]+)|(?P<word>[[\p{{L}}\p{{M}}\p{{N}}]--[{_UNSPACED}]]+)",
    regex.V1,
)


def room_term(room_id: int) -> bytes:
    """Return the term of all messages of a room."""
    return ROOM + b"%d" % room_id


def author_term(user_id: int) -> bytes:
    """Return the term of all messages of an author."""
    return AUTHOR + b"%d" % user_id


def after(beginning: bytes) -> bytes:
    """Return the first term that follows all which begin so."""
    # No UTF-8 has this byte.
    return beginning + b"\xff"


def terms_of(text: str) -> set[bytes]:
    """Return the terms of a text."""
    words, runs = _tokens(fold(text))
    terms = set()
    for word in words:
        for length in range(1, min(SHORT, len(word)) + 1):
            terms.add(BEGINNING + word[:length].encode())
        if len(word) > SHORT:
            terms.add(WORD + word[:MAX_WORD_LENGTH].encode())
    for run in runs:
        terms.update(PART + part.encode() for part in (*run, *_pairs(run)))
    return terms


@dataclass(frozen=True)
class Query:
    """What somebody looks for: all words and parts of words, in any order."""

    words: frozenset[str]
    parts: frozenset[str]

    def is_empty(self) -> bool:
        """Say whether there is nothing to look for."""
        return not self.words and not self.parts

    def exact_terms(self) -> list[bytes]:
        """Return terms that every message has that is looked for."""
        terms = [BEGINNING + w.encode() for w in self.words if len(w) <= SHORT]
        for part in sorted(self.parts, key=len, reverse=True):
            pairs = _pairs(part) if len(part) > 1 else [part]
            terms += [PART + pair.encode() for pair in pairs]
        return terms[:MAX_LOOKED_UP]

    def beginnings(self) -> list[bytes]:
        """Return beginnings of terms, of each of which every message has one."""
        long = sorted((w for w in self.words if len(w) > SHORT), key=len, reverse=True)
        return [WORD + w[:MAX_WORD_LENGTH].encode() for w in long[:MAX_LOOKED_UP]]

    def matches(self, text: str) -> bool:
        """Say whether a text has all that is looked for."""
        folded = fold(text)
        if not all(part in folded for part in self.parts):
            return False
        words, _ = _tokens(folded)
        return all(any(w.startswith(one) for w in words) for one in self.words)


def query_of(text: str) -> Query:
    """Return what a text of a user looks for."""
    words, runs = _tokens(fold(text))
    return Query(frozenset(words), frozenset(runs))


def _tokens(folded: str) -> tuple[set[str], set[str]]:
    """Return the words, and what is written without spaces."""
    words, runs = set(), set()
    for found in _TOKEN.finditer(folded):
        (runs if found.lastgroup == "run" else words).add(found.group())
    return words, runs


def _pairs(run: str) -> Iterator[str]:
    return (first + second for first, second in pairwise(run))
