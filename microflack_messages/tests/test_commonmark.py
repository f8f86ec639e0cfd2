"""Every example of the CommonMark Spec is shown as it says, or differs on purpose."""

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from microflack_messages.rendering import HEADINGS, render

FILE = Path(__file__).parent / "commonmark" / "examples.jsonl"
EXAMPLES = {
    example["example"]: example
    for example in map(json.loads, FILE.read_text().splitlines())
}
# What differs on purpose, by the numbers of the examples.
RAW_HTML_IS_SHOWN_AS_TEXT = {
    *(21, 31, 201, 308, 309, 344, 475, 476, 477, 491, 494, 524, 536, 642, 643),
    *range(148, 192),
    *(613, 614, 615, 616, 617, 623, 625, 626, 627, 628, 629, 630, 631),
} - {157}
BARE_URLS_ARE_LINKED = {602, 608, 611}
IMAGES_IN_LINKS_ARE_THEIR_TEXT = {517, 531}
WHAT_SHOWS_NOTHING_IS_SHOWN_AS_TYPED = {79, 207, 484, 487}
DIFFERENT = (
    RAW_HTML_IS_SHOWN_AS_TEXT
    | BARE_URLS_ARE_LINKED
    | IMAGES_IN_LINKS_ARE_THEIR_TEXT
    | WHAT_SHOWS_NOTHING_IS_SHOWN_AS_TYPED
)


class Parts(HTMLParser):
    """The elements and texts of a piece of HTML, in a form that can be compared.

    In MicroFlack all line ends are kept, images are links, and links lead to the web
    and to mailboxes only. The language of code is not compared.
    """

    def __init__(self, html, headings):
        super().__init__()
        self.parts = []
        self._headings = headings
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        known = dict(attrs)
        if tag == "img":
            self._add_link(known["src"], None)
            self.handle_data(known.get("alt") or known["src"])
            self.parts.append(["/a"])
        elif tag == "a":
            self._add_link(known.get("href") or "", known.get("title"))
        elif tag != "br":
            self.parts.append([self._headings.get(tag, tag), known.get("start")])

    def handle_endtag(self, tag):
        if tag not in {"br", "hr", "img"}:
            self.parts.append(["/" + self._headings.get(tag, tag)])

    def handle_data(self, data):
        if self.parts and isinstance(self.parts[-1], str):
            self.parts[-1] += data
        else:
            self.parts.append(data)

    def _add_link(self, href, title):
        allowed = re.match(r"(https?|mailto):", href, re.IGNORECASE)
        self.parts.append(["a", href if allowed else None, title])


def compared(html, headings=()):
    """Return what an HTML text says; a single paragraph is no element."""
    parts = [
        re.sub(" *\n", "\n", part).strip("\n") if isinstance(part, str) else part
        for part in Parts(html, dict(headings)).parts
    ]
    parts = [part for part in parts if part and not str(part).isspace()]
    paragraphs = parts.count(["p", None])
    alone = paragraphs == 1 and parts[0] == ["p", None] and parts[-1] == ["/p"]
    return parts[1:-1] if alone else parts


def is_equal(example):
    """Return whether an example is shown as the spec says."""
    shown = compared(render(example["markdown"]).html)
    return shown == compared(example["html"], HEADINGS)


def test_572_of_652_examples_are_shown_as_the_spec_says():
    equal = {number for number, example in EXAMPLES.items() if is_equal(example)}
    assert set(EXAMPLES) - equal == DIFFERENT
    assert (len(equal), len(EXAMPLES)) == (572, 652)


@pytest.mark.parametrize("number", sorted(RAW_HTML_IS_SHOWN_AS_TEXT))
def test_raw_html_of_an_example_can_be_read(number):
    assert "&lt;" in render(EXAMPLES[number]["markdown"]).html
