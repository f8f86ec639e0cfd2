"""What people see of a text, by the tables of Unicode.

Needs the extra ``text`` of the wheel.

Sources: Unicode 17, UAX #44 (properties), UTS #51 (emoji sequences), RFC 5892
(joiners in names).
"""

import regex  # type: ignore[import-untyped]

# The patterns are for ``regex`` with its flag V1.
#
# No property says that these are blank: the Braille pattern without dots, two empty
# hieroglyphs, a note without a head, a filler of Khitan, and what stands for an object
# that is not there.
_BLANK = r"\u2800\ufffc\U00013441\U00013442\U0001d159\U00016fe4"
INVISIBLE = (
    r"[[\p{Default_Ignorable_Code_Point}\p{Cc}\p{Cs}\p{Noncharacter_Code_Point}"
    rf"[\p{{Cf}}--\p{{Prepended_Concatenation_Mark}}]{_BLANK}]--\p{{White_Space}}]"
)
# Invisible, but they shape what stands beside them: joiners in scripts whose letters
# join, or have a virama, and in emoji; variation selectors; the tags of a flag.
SHAPING = (
    r"[\u200c\u200d](?<=[\p{Joining_Type=D}\p{Joining_Type=R}\p{Joining_Type=L}"
    r"\p{ccc=9}]\p{Joining_Type=T}{0,4}.)"
    r"|\u200d(?<=\p{Extended_Pictographic}[\p{Emoji_Modifier}\ufe0f]?.)"
    r"(?=\p{Extended_Pictographic})"
    r"|\p{Variation_Selector}(?<=[\p{L}\p{N}\p{P}\p{S}].)"
    r"|[\U000e0020-\U000e007f](?<=\U0001f3f4[\U000e0020-\U000e007e]{0,6}.)"
)
_UNSEEN = regex.compile(rf"[{INVISIBLE}\p{{White_Space}}]+", regex.V1)
_SEEN = regex.compile(rf"[^{INVISIBLE}\p{{White_Space}}]", regex.V1)
_USELESS = regex.compile(rf"({SHAPING})|{INVISIBLE}", regex.V1)


def visible(text: str) -> str:
    """Return the characters of ``text`` that leave a mark, and nothing between them.

    Two names of which the same is left look the same. Joiners are left out, too: keep
    the text itself, or what ``displayable`` returns, to show it.
    """
    return str(_UNSEEN.sub("", text))


def is_visible(text: str) -> bool:
    """Return whether anything of ``text`` leaves a mark."""
    return _SEEN.search(text) is not None


def displayable(text: str) -> str:
    """Return ``text`` as one line that hides nothing.

    Controls, direction controls, fillers and blank characters are dropped. Joiners,
    variation selectors and tags stay where they shape what is seen. All white space
    between words is one space, and there is none around them.
    """
    return " ".join(_USELESS.sub(r"\1", text).split())
