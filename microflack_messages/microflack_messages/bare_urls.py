"""Find where a URL ends that stands in a text, in any script.

What a URL may contain is said by the URL standard (https://url.spec.whatwg.org/); what
belongs to the sentence around it, by the classes of Unicode (UAX #44).
"""

import unicodedata
from functools import lru_cache

import regex

from microflack_common.text import INVISIBLE, SHAPING

# Quotation marks, what ends a sentence or a part of one, ellipses, long dashes,
# full-width forms of ASCII's punctuation, and common punctuation that joins no letters.
# Brackets are not among them: they are looked at afterwards.
_PUNCTUATION = (
    r"[[\p{Quotation_Mark}\p{Terminal_Punctuation}\p{Sentence_Terminal}"
    r"\p{Line_Break=IN}\p{Line_Break=B2}\u2015[\p{East_Asian_Width=F}&&[\p{P}\p{S}]]"
    r"[[\p{Po}&&\p{Script=Common}]--[\p{XID_Continue}\p{Word_Break=MidLetter}]]]"
    r"--[\p{ASCII}\p{Ps}\p{Pe}]]"
)
_END = rf'[\x00-\x20\x7f"<>`|\\\p{{White_Space}}{INVISIBLE}{_PUNCTUATION}]'
# Letters, marks and digits of any script, emoji, and what RFC 5892 lets stand between.
_HOST_CHARACTER = (
    rf"(?:{SHAPING}|%[0-9A-Fa-f]{{2}}|[A-Za-z0-9_\-"
    r"[[\p{L}\p{M}\p{Nd}\p{Nl}[\p{So}&&\p{Extended_Pictographic}]"
    rf"\u00b7\u0375\u05f3\u05f4\u30fb]--[\p{{ASCII}}{INVISIBLE}]]])"
)
_URL = regex.compile(
    r"[hH][tT]{2}[pP][sS]?://"
    r"(?:[A-Za-z0-9._~!$&'()*+,;=:%\-]{1,256}+@)?+"
    rf"(?P<host>\[[0-9A-Fa-f:.]+\]|{_HOST_CHARACTER}++(?:\.{_HOST_CHARACTER}++)*+)"
    r"(?P<rest>(?:\.(?=[:/?#]))?+(?::[0-9]{1,5}+(?![0-9]))?+"
    rf"(?:[/?#](?:{SHAPING}|[^{_END}])*+)?+)",
    regex.V1,
)
# No top-level domain begins in ASCII and goes on in another script.
_TOP_LEVEL = regex.compile(
    r"(?:\A|\.)([!-\-/-~]++)(?=[^\p{ASCII}\p{Latin}\p{M}])[^.]*+\Z", regex.V1
)
_BRACKET = regex.compile(r"[\p{Ps}\p{Pe}]")
# What ends a sentence or closes an emphasis, where nothing follows it.
_TRAILING = regex.compile(r"[.,:;!?'*_~[\p{P}--[\p{ASCII}\p{Ps}\p{Pe}]]]", regex.V1)
_EMPHASIS = "*~"
# A bracket of another script has its partner within so many characters, or none.
_CLOSE_BY = 128
# Most URLs are shorter. Where hundreds follow one another and each ends at a rule of
# its own, all that comes after is not looked at for each of them.
_FIRST_LOOK = 512


def find(text: str, start: int, end: int) -> str:
    """Return the URL that begins at ``start`` of ``text``, "" if none does."""
    reach = _FIRST_LOOK
    while True:
        url = _find(text, start, min(end, start + reach))
        # What comes behind would not make it longer.
        if start + reach >= end or len(url) + _CLOSE_BY < reach:
            return url
        reach *= 4


def _find(text: str, start: int, end: int) -> str:
    match = _URL.match(text, start, end)
    if not match:
        return ""
    url = str(match.group())
    if glued := _TOP_LEVEL.search(match["host"]):
        url = url[: match.start("host") - start + glued.end(1)]
    else:
        url = _before_its_closing(url, text[max(0, start - 3) : start])
        url = _balanced(url, match.start("rest") - start)
    return _without_trailing(url)


def _before_its_closing(url: str, before: str) -> str:
    """Cut ``url`` where the emphasis closes that was opened right before it."""
    run = before[len(before.rstrip(_EMPHASIS)) :]
    # A single tilde closes nothing, and begins the names of some pages.
    return url.partition(run)[0] if run.strip("~") or len(run) > 1 else url


def _balanced(url: str, begin: int) -> str:
    """Cut ``url`` at the first bracket that has no partner in it.

    In ASCII only a closing one, and only where a text in another script goes on: some
    URLs contain it.
    """
    opened: list[tuple[int, str | None]] = []
    for match in _BRACKET.finditer(url, begin):
        bracket, place = match.group(), match.start()
        if unicodedata.category(bracket) == "Ps":
            opened.append((place, _partner(bracket)))
        elif opened and opened[-1][1] == bracket:
            opening, _ = opened.pop()
            if not bracket.isascii() and place - opening > _CLOSE_BY:
                return url[:opening]
        elif not bracket.isascii() or not url[place + 1 : place + 2].isascii():
            return url[:place]
    places = [place for place, _ in opened if not url[place].isascii()]
    return url[: places[0]] if places else url


@lru_cache(maxsize=256)
def _partner(bracket: str) -> str | None:
    """Return what closes a bracket, by its name; None for what is a quotation mark."""
    name = unicodedata.name(bracket, "")
    try:
        return unicodedata.lookup(name.replace("LEFT", "RIGHT"))
    except KeyError:
        return None


def _without_trailing(url: str) -> str:
    """Return ``url`` without the punctuation of the sentence it stands in."""
    end = len(url)
    unopened = {
        pair[1]: url.count(pair[1]) - url.count(pair[0]) for pair in ("()", "[]")
    }
    while end:
        last = url[end - 1]
        if unopened.get(last, 0) > 0:
            unopened[last] -= 1
        elif not _TRAILING.match(last):
            break
        end -= 1
    return url[:end]
