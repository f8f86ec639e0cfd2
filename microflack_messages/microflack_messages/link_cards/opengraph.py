"""Read what the head of an HTML page says of it, in Open Graph's words or HTML's."""

import re
from contextlib import suppress
from html.parser import HTMLParser

MAX_TITLE_LENGTH = 120
MAX_DESCRIPTION_LENGTH = 300
# The first of these that a page has counts.
TITLES = ("og:title", "<title>", "twitter:title")
DESCRIPTIONS = ("og:description", "description", "twitter:description")
END_OF_HEAD = re.compile(r"</head|<body[\s>]", re.IGNORECASE)
WHITE_SPACE = re.compile(r"[\s\x00-\x1f\x7f]+")
INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")


class _HeadParser(HTMLParser):
    """Collects the texts of a head: the first of each kind counts."""

    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, str] = {}
        self._title: list[str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "title":
            self._title = []
        elif tag == "meta":
            known = {name: value or "" for name, value in attrs}
            key = known.get("property") or known.get("name") or ""
            if key.lower() in TITLES + DESCRIPTIONS:
                self.found.setdefault(key.lower(), known.get("content", ""))

    def handle_data(self, data: str) -> None:
        if self._title is not None:
            self._title.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "title" and self._title is not None:
            self.found.setdefault("<title>", "".join(self._title))
            self._title = None


def read_head(page: str) -> tuple[str, str]:
    """Return the title and the description of a page as plain text, "" without one."""
    end = END_OF_HEAD.search(page)
    parser = _HeadParser()
    # It stops at a malformed declaration: what came before counts.
    with suppress(AssertionError):
        parser.feed(page[: end.start()] if end else page)
    return (
        _first(parser.found, TITLES, MAX_TITLE_LENGTH),
        _first(parser.found, DESCRIPTIONS, MAX_DESCRIPTION_LENGTH),
    )


def _first(found: dict[str, str], names: tuple[str, ...], length: int) -> str:
    texts = (_plain(found.get(name, "")) for name in names)
    text = next((text for text in texts if text), "")
    return text if len(text) <= length else text[: length - 1].rstrip() + "…"


def _plain(text: str) -> str:
    return WHITE_SPACE.sub(" ", INVISIBLE.sub("", text)).strip()
