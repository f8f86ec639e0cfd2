"""Nicknames: which people can see and tell apart, and which may be given.

Two that look the same are the same. What a nickname shows is compared by its skeleton
(Unicode Technical Standard 39, section 4).
"""

import unicodedata
from functools import cache
from hashlib import blake2b
from itertools import chain
from pathlib import Path

from marshmallow import ValidationError

from microflack_common.text import displayable, is_visible, visible

MAX_LENGTH = 32
CONFUSABLES = Path(__file__).parent / "data" / "confusables.txt"

RESERVED = ("Everyone", "admin", "MicroFlack")
# How clients show who one is oneself, and what is left of an account.
RESERVED_END, RESERVED_BEGINNING = "(you)", "Deleted account"
# Of a nickname that is given up, so long it is nobody else's.
HELD_SECONDS = 30 * 86400


def check(nickname: str) -> None:
    """Raise ValidationError unless people can see, type and sign in with a nickname."""
    if nickname != nickname.strip():
        raise ValidationError("Must not begin or end with white space.")
    if {unicodedata.category(c) for c in nickname} & {"Cc", "Cs", "Zl", "Zp"}:
        raise ValidationError("Must not contain control characters.")
    if not is_visible(nickname):
        raise ValidationError("Must contain a visible character.")
    if displayable(nickname) != " ".join(nickname.split()):
        raise ValidationError("Must not contain control or invisible characters.")
    if ":" in nickname:
        raise ValidationError(
            "Must not contain a colon, which ends it when signing in."
        )
    if _is_reserved(nickname):
        raise ValidationError("Is reserved: choose another.")


def comparison_keys(nickname: str) -> frozenset[str]:
    """Return what a nickname shares with every other one that looks the same.

    Two nicknames are too much alike when they have one of these in common.
    """
    return frozenset(
        blake2b(skeleton.encode(), digest_size=16).hexdigest()
        for skeleton in _skeletons(nickname)
    )


def _skeletons(text: str) -> frozenset[str]:
    shown = visible(unicodedata.normalize("NFKC", text))
    # In both cases: the capital of i looks like l, and i does not.
    return frozenset(_skeleton(form).casefold() for form in (shown, shown.casefold()))


def _skeleton(text: str) -> str:
    mapped = unicodedata.normalize("NFD", text).translate(_table())
    return unicodedata.normalize("NFD", mapped)


@cache
def _table() -> dict[int, str]:
    table: dict[int, str] = {}
    for line in CONFUSABLES.read_text(encoding="ascii").splitlines():
        if not line.startswith("#"):
            target, sources = line.split(";")
            text = "".join(chr(int(code, 16)) for code in target.split())
            table |= {int(code, 16): text for code in sources.split()}
    return table


def _is_reserved(nickname: str) -> bool:
    skeletons = _skeletons(nickname)
    if skeletons & _reserved():
        return True
    end, beginning = min(_skeletons(RESERVED_END)), min(_skeletons(RESERVED_BEGINNING))
    return any(s.endswith(end) or s.startswith(beginning) for s in skeletons)


@cache
def _reserved() -> frozenset[str]:
    # A small l is the capital of i to the eye.
    cases = (name for one in RESERVED for name in (one, one.upper()))
    return frozenset(chain.from_iterable(map(_skeletons, cases)))
