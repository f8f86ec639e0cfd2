"""What is the same in two texts that differ in case, accents or width.

Sources: UAX #15 (normalization forms), the Unicode blocks of combining marks.
"""

import unicodedata

import regex  # type: ignore[import-untyped]

# Marks that are written on a letter and may be left out: accents of Latin, Greek and
# Cyrillic, points of Hebrew, vowel signs of Arabic. In other scripts, as in those of
# India, marks are letters. What is only a hint to the one who sets the text goes, too.
_IGNORED = regex.compile(
    r"[\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7"
    r"\u0610-\u061a\u064b-\u065f\u0670\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff"
    r"\ufe20-\ufe2f\p{Default_Ignorable_Code_Point}]+"
)
# Letters with a stroke and ligatures, which Unicode does not take apart.
_LETTERS = str.maketrans(
    {"ø": "o", "đ": "d", "ł": "l", "ħ": "h", "ŧ": "t", "\u0131": "i"}
    | {"æ": "ae", "œ": "oe"}
)


def fold(text: str) -> str:
    """Return what all texts have in common that are found by the same words."""
    if text.isascii():
        return text.lower()
    apart = unicodedata.normalize("NFKD", text).casefold()
    plain = _IGNORED.sub("", unicodedata.normalize("NFKD", apart))
    # Syllables of Korean, and Japanese signs with their marks, are together again.
    return unicodedata.normalize("NFC", plain.translate(_LETTERS))
