"""Find whom a text mentions: ``@`` and the nickname of somebody in the room.

Nicknames are compared without case. They may have spaces and signs in them, so the
longest one that stands there is meant. A sign or a space ends it, or a letter of a
script that has no spaces between words, such as Chinese.
"""

import unicodedata
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from itertools import islice

import regex  # type: ignore[import-untyped]

# As many nicknames as a text may name; far more than anybody would read.
MAX_PLACES = 500
# Nicknames have 32 characters at most; without case one can become three.
MAX_KEY_LENGTH = 96
# Letters, marks and digits of scripts that put spaces between words.
_SPACED = (
    r"[[\p{L}\p{M}\p{N}_]--[\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}\p{Bopomofo}"
    r"\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}\u30fc\uff70]]"
)
_BEGIN = regex.compile(rf"(?<!{_SPACED}|@)@(?=\S)", regex.V1)
_WITHIN_WORD = regex.compile(rf"(?<={_SPACED})(?={_SPACED})", regex.V1)

Lookup = Callable[[str], int | None]


def key_of(nickname: str) -> str:
    """Return what two equal nicknames have in common, as the users service does."""
    return unicodedata.normalize("NFC", nickname).casefold()


def has_any(text: str) -> bool:
    """Say whether a text may mention anybody."""
    return "@" in text and _BEGIN.search(text) is not None


def candidates(text: str, user_with: Lookup) -> list[list[int]]:
    """Return for each place where a text may mention somebody all who may be meant.

    They are at best one, and none where no nickname stands there. Whose nickname is
    longer comes first.

    :param user_with: returns the id of the user whose nickname has a key, if one has.
    """
    folded, found = key_of(text), []
    for begin in islice(_BEGIN.finditer(folded), MAX_PLACES):
        rest = folded[begin.end() : begin.end() + MAX_KEY_LENGTH + 1]
        found.append(list(_users(rest, user_with)))
    return found


def choose(places: Iterable[Sequence[int]], members: Collection[int]) -> list[int]:
    """Return whom a text mentions, in order, each once.

    :param places: as ``candidates`` returns them.
    :param members: who is in the room; only they are mentioned.
    """
    meant = (next((one for one in place if one in members), None) for place in places)
    return list(dict.fromkeys(one for one in meant if one is not None))


def _users(text: str, user_with: Lookup) -> Iterator[int]:
    inside = {found.start() for found in _WITHIN_WORD.finditer(text)}
    for end in range(min(len(text), MAX_KEY_LENGTH), 0, -1):
        if end not in inside and (user_id := user_with(text[:end])) is not None:
            yield user_id
