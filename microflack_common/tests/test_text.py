"""What is seen of a text is decided by Unicode's tables."""

import sys
import unicodedata

import pytest

from microflack_common.text import displayable, is_visible, visible

SOFT_HYPHEN, ZERO_WIDTH_SPACE, NON_JOINER, JOINER = (
    "\u00ad",
    "\u200b",
    "\u200c",
    "\u200d",
)
PERSIAN = f"می{NON_JOINER}خواهم"
KANNADA = f"ರ{JOINER}ಕ"
SINHALA = f"ශ්{JOINER}රී"
HEH = "\u0647"
FAMILY = JOINER.join("👨👩👧")
RAINBOW = f"🏳\ufe0f{JOINER}🌈"
SCOTLAND = "🏴\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f"
HIDDEN = [
    *("\x00", "\x1b", "\x85", "\x9f", SOFT_HYPHEN, "\u034f", "\u061c", "\u180e"),
    *(ZERO_WIDTH_SPACE, NON_JOINER, JOINER, "\u200e", "\u202e", "\u2060", "\u2064"),
    *("\u2066", "\u206f", "\ufeff", "\ufff9", "\ufffc", "\ufe0f", "\U000e0041"),
    *("\u115f", "\u1160", "\u3164", "\uffa0", "\u17b4", "\u2800", "\U0001d159"),
    *("\U00013441", "\U0001d173", "\U0001bca0", "\U000e0100", "\uffff", "\ud800"),
]
BLANK = ["", " ", "\t\r\n", "\u00a0", "\u1680", "\u2003", "\u2028", "\u202f", "\u3000"]


def names(text):
    """Return a name for a test's parameter: its code points."""
    return "+".join(f"{ord(char):04x}" for char in text) or "empty"


@pytest.mark.parametrize("text", [*HIDDEN, *BLANK], ids=names)
def test_what_leaves_no_mark_is_not_visible(text):
    assert not is_visible(text * 3)
    assert visible(f"{text}ev{text}e{text}") == "eve"


@pytest.mark.parametrize("text", HIDDEN, ids=names)
def test_what_leaves_no_mark_is_dropped_where_it_shapes_nothing(text):
    assert displayable(f" {text}{text} e {text}\n") == "e"


@pytest.mark.parametrize(
    "text", [PERSIAN, SINHALA, FAMILY, RAINBOW, SCOTLAND, "1\ufe0f\u20e3", "❤\ufe0f"]
)
def test_what_shapes_its_neighbours_stays(text):
    assert displayable(text) == text
    assert is_visible(text)


def test_joiners_between_letters_that_do_not_join_are_dropped():
    assert displayable(f"ev{JOINER}e") == "eve"
    assert displayable(HEH + JOINER * 3) == HEH + JOINER


@pytest.mark.parametrize("text", ["a", ".", "é", "字", "\u0600", "́", "🙂", "\ue000"])
def test_what_leaves_a_mark_is_visible(text):
    assert is_visible(text)
    assert visible(text) == text


def test_white_space_between_words_is_one_space():
    assert displayable("\u2003 a\r\n\tb\u2028c\u3000") == "a b c"


def test_of_format_characters_only_those_that_frame_numbers_are_visible():
    every = map(chr, range(sys.maxunicode + 1))
    formats = [char for char in every if unicodedata.category(char) == "Cf"]
    seen = {unicodedata.name(char).split()[0] for char in formats if is_visible(char)}
    assert len(formats) > 150
    assert seen == {"ARABIC", "SYRIAC", "KAITHI"}
