"""How a file may be called."""

import unicodedata

from microflack_common.text import displayable

MAX_CHARACTERS = 255
# What is taken for the ending of a name, and kept when it is too long.
MAX_ENDING = 16
NAMELESS = "file"


def clean(name: str) -> str:
    """Return a file's name without folders, and without what nobody sees.

    No direction controls are left, by which ``gpj.exe`` would look like a picture.
    """
    last = name.replace("\\", "/").rpartition("/")[2]
    last = displayable("".join(filter(_is_shown, last)))
    if not last.strip(". "):
        return NAMELESS
    if len(last) <= MAX_CHARACTERS:
        return last
    stem, dot, ending = last.rpartition(".")
    if not stem or len(ending) > MAX_ENDING:
        return last[:MAX_CHARACTERS].rstrip()
    return stem[: MAX_CHARACTERS - len(ending) - 1].rstrip() + dot + ending


def _is_shown(character: str) -> bool:
    # Spaces, and what shapes letters, are left to ``displayable``.
    return character.isprintable() or unicodedata.category(character) in {"Cf", "Zs"}
