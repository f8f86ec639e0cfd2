"""Read what an HTML page says of itself, in Open Graph's words or HTML's."""

import regex

from microflack_common.text import displayable
from microflack_messages.link_cards.page import Skimmed

# In code points, with the sign that it was cut.
MAX_TITLE_LENGTH = 120
MAX_DESCRIPTION_LENGTH = 300
# The first of these that a page has counts.
TITLES = ("og:title", "<title>", "twitter:title")
DESCRIPTIONS = ("og:description", "description", "twitter:description")
# No more of a text is looked at.
MAX_RAW_CHARACTERS = 5_000
CHARACTER = regex.compile(r"\X")


def read(page: Skimmed) -> tuple[str, str]:
    """Return the title and the description of a page as plain text, "" without one."""
    found = _found(page)
    return (
        _first(found, TITLES, MAX_TITLE_LENGTH),
        _first(found, DESCRIPTIONS, MAX_DESCRIPTION_LENGTH),
    )


def is_enough(page: Skimmed) -> bool:
    """Return whether more of the page is not needed for its card."""
    found = _found(page)
    if TITLES[0] in found and DESCRIPTIONS[0] in found:
        return True
    title, description = read(page)
    return page.head_ends and bool(title and description)


def _found(page: Skimmed) -> dict[str, str]:
    found = {"<title>": _plain(page.title or "")}
    for meta in page.metas:
        names = meta.get("property") or meta.get("name") or ""
        for name in names.lower().split():
            if name in TITLES + DESCRIPTIONS and not found.get(name):
                found[name] = _plain(meta.get("content", ""))
    return {name: text for name, text in found.items() if text}


def _first(found: dict[str, str], names: tuple[str, ...], length: int) -> str:
    text = next((found[name] for name in names if name in found), "")
    return text if len(text) <= length else cut(text, length - 1) + "…"


def cut(text: str, length: int) -> str:
    """Return the whole characters, as readers count, that ``length`` code points hold.

    A single one that is longer than that is cut.
    """
    end = 0
    for character in CHARACTER.finditer(text):
        if character.end() > length:
            break
        end = character.end()
    return text[: end or length].rstrip()


def _plain(text: str) -> str:
    return displayable(text.lstrip()[:MAX_RAW_CHARACTERS])
