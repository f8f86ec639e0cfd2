"""Know what is one emoji, in whichever way a keyboard has sent it.

Source: UTS #51, ED-17 (emoji sequence) and ED-18 (fully-qualified).
"""

from functools import cache
from threading import Lock

# Asks for a picture instead of a sign of the text. Keyboards leave it out at times.
VARIATION_SELECTOR = "\ufe0f"
_loading = Lock()


def fully_qualified(text: str) -> str | None:
    """Return the one emoji that ``text`` is, as it is written in full.

    None if it is none, or more than one.
    """
    # The first ones may ask at the same time.
    with _loading:
        known = _by_signs()
    return known.get(text.replace(VARIATION_SELECTOR, ""))


@cache
def _by_signs() -> dict[str, str]:
    """Return all emoji by what is left of them without variation selectors."""
    # Reads a large file: an instance in which nobody reacts can do without.
    import emoji

    complete = {emoji.STATUS["component"], emoji.STATUS["fully_qualified"]}
    found = {
        text.replace(VARIATION_SELECTOR, ""): text
        for text, about in emoji.EMOJI_DATA.items()
        if about["status"] in complete
    }
    # The names of all of them, which nobody asks for, hold ten times as much memory.
    emoji.EMOJI_DATA.clear()
    return found
