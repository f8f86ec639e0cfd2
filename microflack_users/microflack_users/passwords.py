"""Passwords: how they are kept, compared and chosen.

Only hashes are kept. What is typed is compared in Unicode's form NFC (RFC 8265, 4.2),
since one keyboard sends "é" as one character and another one as two.
"""

import unicodedata
from functools import cache
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError

from microflack_users.hashing_queue import current_queue

# argon2id, with one of the equally strong settings of the OWASP Password Storage Cheat
# Sheet: the one with the least memory, which is also the fastest by a quarter.
HASHER = PasswordHasher(time_cost=5, memory_cost=7 * 1024, parallelism=1)
# Nobody's password is checked against this, so that an unknown nickname takes as long.
NOBODY = HASHER.hash("the password of nobody")

MIN_LENGTH, MAX_LENGTH = 8, 128
# What anybody would try here, whatever digits and signs stand around it.
WORDS = frozenset({"microflack", "administrator", "invitation", "everyone"})
COMMONEST = Path(__file__).parent / "data" / "common_passwords.txt"


def make_hash(password: str) -> str:
    """Return what is kept of a password; raises Crowded, as ``matches`` does."""
    with current_queue().turn():
        return HASHER.hash(unicodedata.normalize("NFC", password))


def matches(stored: str, password: str) -> bool:
    """Say whether this is the password that ``stored`` is the hash of.

    Hashes of earlier releases are of what was typed, in whichever form that was.
    """
    forms = (unicodedata.normalize(form, password) for form in ("NFC", "NFD"))
    return any(_verify(stored, form) for form in dict.fromkeys((*forms, password)))


def problem(password: str, nickname: str = "") -> str | None:
    """Say what is wrong with a password that somebody wants to have, if anything is.

    Follows ASVS 5.0, 6.2.1, 6.2.4, 6.2.11 and 6.2.12.
    """
    password = unicodedata.normalize("NFC", password)
    if not MIN_LENGTH <= len(password) <= MAX_LENGTH:
        return f"Must have {MIN_LENGTH} to {MAX_LENGTH} characters."
    if _plain(password) in _commonest():
        return "Must not be one of the commonest passwords."
    if nickname and _plain(password) == _plain(nickname):
        return "Must not be the nickname."
    if "".join(filter(str.isalpha, _plain(password))) in WORDS:
        return "Must not be a word of this chat with something around it."
    return None


def _verify(stored: str, password: str) -> bool:
    try:
        with current_queue().turn():
            return HASHER.verify(stored, password)
    except VerificationError:
        return False


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


@cache
def _commonest() -> frozenset[str]:
    lines = COMMONEST.read_text(encoding="utf-8").splitlines()
    return frozenset(_plain(line) for line in lines if not line.startswith("#"))
